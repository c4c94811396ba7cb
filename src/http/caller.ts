/** Who asks, in the form the domain takes it: made of a request, and told there what the write came to. */

import type { FastifyRequest } from 'fastify';
import type { ChangeCounts } from '../domain/change-counts.ts';
import type { Environment } from '../domain/environment.ts';
import type {
  Caller,
  ReplayEffects,
  ReplayedArrival,
  WriteCommand,
  WriteOutcome,
} from '../domain/memberships/commands.ts';
import type { Principal } from './auth.ts';
import { type Replay, replayOf } from './replay-context.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the request's write came to, once it is durable. */
    changed: ChangeCounts | undefined;
  }
}

class RequestCaller implements Caller {
  readonly requestUuid: string;
  readonly keyId: number;
  readonly userId: number | undefined;
  readonly applicationId: number;
  readonly environment: Environment;
  readonly bytes: number;
  readonly dry: boolean | undefined;
  readonly replay: ReplayedArrival | undefined;
  /** Private: it must not travel with the command. */
  readonly #request: FastifyRequest;
  readonly #replay: Replay | undefined;

  constructor(request: FastifyRequest, { key, application }: Principal) {
    const replay = replayOf();
    this.requestUuid = request.id;
    this.keyId = key.id;
    this.userId = replay?.userId;
    this.applicationId = application.id;
    this.environment = application.environment;
    this.bytes = request.bodyBytes;
    this.dry = replay?.preview === undefined ? undefined : true;
    this.replay = replay?.arrival;
    this.#replay = replay;
    this.#request = request;
  }

  applied(changed: ChangeCounts): void {
    this.#request.changed = changed;
    this.#replay?.applied(changed);
  }

  replayed(effects: ReplayEffects): void {
    this.#replay?.replayed(effects);
  }

  async preview(command: WriteCommand): Promise<WriteOutcome> {
    if (this.#replay?.preview === undefined) throw new Error('Nobody asked for a preview');
    return this.#replay.preview.add(command);
  }
}

/** The caller of a route that asks for an API key. */
export function callerOf(request: FastifyRequest): Caller {
  return new RequestCaller(request, keyOf(request));
}

/** The environment that a route's API key opens. */
export function environmentOf(request: FastifyRequest): Environment {
  return keyOf(request).application.environment;
}

function keyOf({ principal }: FastifyRequest): Principal {
  if (principal === undefined) throw new Error('This route was opened without a key');
  return principal;
}
