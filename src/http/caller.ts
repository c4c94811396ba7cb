/** The caller in the form the domain expects, and the place where a request learns the outcome of its write. */

import type { FastifyRequest } from 'fastify';
import type { ChangeCounts } from '../domain/change-counts.ts';
import type { Core } from '../domain/core.ts';
import type { Environment } from '../domain/environment.ts';
import type { Caller, ReplayEffects, RowVerdict } from '../domain/memberships/commands.ts';
import type { WriteOperation, WriteWatch } from '../domain/memberships/queue.ts';
import type { Principal } from './auth.ts';
import { type Replay, replayOf } from './replay-context.ts';
import { addMark } from './undeclared.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The outcome of the request's write, once it is durable. */
    changed: ChangeCounts | undefined;
  }
}

/** Reports whether the request came with a Test key: nothing it writes is kept. */
export function hasTestKey(request: FastifyRequest): boolean {
  return keyOf(request).key.type === 'staging';
}

/**
 * The caller of a route that requires an API key; its writes go through `writesOf`.
 * @param options.dry whether its writes are decided and rolled back, as those of a Test key always are
 */
export function callerOf(request: FastifyRequest, { dry = false }: { dry?: boolean } = {}): Caller {
  const { key, application } = keyOf(request);
  const replay = replayOf();
  return {
    requestUuid: request.id,
    keyId: key.id,
    userId: replay?.userId,
    applicationId: application.id,
    environment: application.environment,
    bytes: request.bodyBytes,
    dry: dry || hasTestKey(request) || replay?.preview !== undefined ? true : undefined,
    replay: replay?.arrival,
  };
}

/** The core, with writes reported to their request, and to the replay that the request is part of. */
export function writesOf(core: Core, request: FastifyRequest): WriteOperation {
  return { ...core, watch: new RequestWatch(request, replayOf()) };
}

class RequestWatch implements WriteWatch {
  readonly #request: FastifyRequest;
  readonly #replay: Replay | undefined;

  constructor(request: FastifyRequest, replay: Replay | undefined) {
    this.#request = request;
    this.#replay = replay;
  }

  applied(changed: ChangeCounts): void {
    this.#request.changed = changed;
    this.#replay?.applied(changed);
  }

  repeated(): void {
    addMark(this.#request, { kind: 'repeat' });
  }

  /** The access log must not get what the erasure has removed from it. */
  leftOutErased(): void {
    addMark(this.#request, { kind: 'erased person' });
    if (this.#request.capture !== undefined) this.#request.capture.isErased = true;
  }

  judged(verdicts: readonly RowVerdict[]): void {
    this.#request.verdicts = verdicts;
    this.#replay?.judged(verdicts);
  }

  replayed(effects: ReplayEffects): void {
    this.#replay?.replayed(effects);
  }

  /** For a write that is replayed dry: the batch it is decided in. */
  get preview(): WriteWatch['preview'] {
    const batch = this.#replay?.preview;
    return batch === undefined ? undefined : async (command) => batch.add(command);
  }
}

/** Whether undefined attributes are skipped because the key says so; undefined leaves it to the request. */
export function keySkipsUndefined(request: FastifyRequest): true | undefined {
  return keyOf(request).key.skipUndefinedAttributes ? true : undefined;
}

/** The environment of the API key. */
export function environmentOf(request: FastifyRequest): Environment {
  return keyOf(request).application.environment;
}

function keyOf({ principal }: FastifyRequest): Principal {
  if (principal === undefined) throw new Error('This route was opened without a key');
  return principal;
}
