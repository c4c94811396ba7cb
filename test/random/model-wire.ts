/**
 * Calls of the model as HTTP requests, and a client that sends each until it is answered, whatever happens meanwhile.
 */

import type { Lab } from './lab.ts';
import type { Call } from './model.ts';
import type { Json } from './openapi-document.ts';
import { type Answer, ConnectionLost, encode, RawConnection } from './raw-client.ts';
import { check } from './settings.ts';

const PATIENCE_MS = 30_000;

interface Wire {
  readonly method: string;
  readonly target: string;
  readonly body?: Json;
}

function toWire(call: Call): Wire {
  const id = encodeURIComponent;
  switch (call.kind) {
    case 'profile': {
      const { adds, deletes } = call;
      const changes = { adds: [...adds], deletes: [...deletes] };
      const body: Record<string, Json> = {};
      if (call.attributes !== undefined) body['attributes'] = call.attributes;
      if (call.run !== undefined) body['runRuleEngine'] = call.run;
      if (adds.length + deletes.length > 0) body['audiencesChanges'] = changes;
      return { method: 'PUT', target: `/cdp/customer_profile/${id(call.profile)}`, body };
    }
    case 'profile audiences': {
      const data = { adds: [...call.adds], deletes: [...call.deletes] };
      return { method: 'PUT', target: `/cdp/customer_profile/${id(call.profile)}/audiences`, body: { data } };
    }
    case 'update': {
      const { adds, deletes } = call;
      const body: Record<string, Json> = {};
      if (call.attributes !== undefined) body['attributes'] = call.attributes;
      if (adds.length + deletes.length > 0) body['audiencesChanges'] = { adds: [...adds], deletes: [...deletes] };
      const target = `/v2/customer_profiles/${id(call.profile)}?runRuleEngine=${call.run}`;
      return { method: 'PUT', target, body };
    }
    case 'updates': {
      const customerProfiles = call.items.map(({ profile, attributes }) =>
        attributes === undefined ? { integrationId: profile } : { integrationId: profile, attributes },
      );
      const target = `/v2/customer_profiles?silent=${call.isAnswered ? 'no' : 'yes'}`;
      return { method: 'PUT', target, body: { customerProfiles } };
    }
    case 'bulk':
    case 'bulk alias':
    case 'bulk external': {
      const data = call.items.map(({ profile, adds, deletes }) => ({
        customerProfileId: profile,
        adds: [...adds],
        deletes: [...deletes],
      }));
      const targets = {
        bulk: '/cdp/customer_profiles/audiences',
        'bulk alias': '/cdp/customer_profile/audiences',
        'bulk external': '/cdp/v2/customer_profiles/audiences',
      };
      return { method: 'PUT', target: targets[call.kind], body: { data } };
    }
    case 'create':
      return {
        method: 'POST',
        target: '/cdp/audiences',
        body: { audienceId: call.externalId, audienceName: call.name },
      };
    case 'rename':
      return { method: 'PUT', target: `/cdp/audiences/${id(call.externalId)}`, body: { audienceName: call.name } };
    case 'audience attributes': {
      const target = `/v2/audience_customers/${call.audience}/attributes`;
      return { method: 'PUT', target, body: call.attributes };
    }
    case 'delete':
      return { method: 'DELETE', target: `/cdp/audiences/${id(call.externalId)}` };
  }
}

function keyOf({ keys }: Lab, { kind, environment }: Call): string {
  if (kind === 'audience attributes' || kind === 'update' || kind === 'updates')
    return environment === 'live' ? keys.generic : keys.sandboxGeneric;
  return environment === 'live' ? keys.live : keys.sandbox;
}

/** The bytes of a call. */
export function callBytes(lab: Lab, call: Call): Buffer {
  const { method, target, body } = toWire(call);
  const headers: [string, string][] = [
    ['Authorization', `ApiKey-v1 ${keyOf(lab, call)}`],
    ['customer-data-platform-name', call.platform],
  ];
  if ('key' in call && call.key !== undefined) headers.push(['Idempotency-Key', call.key]);
  if ('isLenient' in call && call.isLenient) {
    // Updates go on showing their profiles.
    headers.push(['Prefer', call.kind === 'updates' ? 'handling=lenient' : 'handling=lenient, return=representation']);
  }
  if (body === undefined) return encode({ method, target, headers });
  headers.push(['Content-Type', 'application/json']);
  return encode({ method, target, headers, body: Buffer.from(JSON.stringify(body)) });
}

/** One connection that sends calls and requires the expected status. */
export class CallConnection {
  readonly #lab: Lab;
  readonly #connection: RawConnection;

  private constructor(lab: Lab, connection: RawConnection) {
    this.#lab = lab;
    this.#connection = connection;
  }

  static async open(lab: Lab): Promise<CallConnection> {
    return new CallConnection(lab, await RawConnection.open(lab.url));
  }

  /** Sends without waiting for the answers to earlier calls. */
  async send(call: Call): Promise<Answer> {
    return this.#connection.send(callBytes(this.#lab, call));
  }

  async expect(call: Call, due: number): Promise<Answer> {
    const answer = await this.send(call);
    check(answer.status === due, `answered with ${answer.status}, not ${due}`, { call, text: answer.text });
    return answer;
  }

  /** Creates an audience with a name equal to its ID. @returns its number */
  async create(from: Pick<Call, 'environment' | 'platform'>, externalId: string): Promise<number> {
    const answer = await this.expect({ ...from, kind: 'create', externalId, name: externalId }, 201);
    return answer.json<{ id: number }>().id;
  }

  close(): void {
    this.#connection.destroy();
  }
}

/** When a client cuts its own connection during a call: after this part of its bytes, and this time. */
export interface Cut {
  readonly fraction: number;
  readonly afterMs: number;
}

export interface Sent {
  readonly answer: Answer;
  /** True if an earlier attempt had no answer, so that it may have been applied. */
  readonly repeated: boolean;
  /** When the first attempt began, and when the answer arrived; ms since the epoch. */
  readonly from: number;
  readonly until: number;
}

/** A sender with one connection at a time, which survives restarts of the server. */
export class PersistentClient {
  readonly #lab: Lab;
  #connection: RawConnection | undefined;

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  /** Sends a request until the answer is something other than 503, or than that an earlier attempt is still running. */
  async send(bytes: Buffer, cut?: Cut): Promise<Sent> {
    const from = Date.now();
    let repeated = false;
    if (cut !== undefined) {
      await this.#cutOff(bytes, cut);
      repeated = true;
    }
    for (;;) {
      check(
        Date.now() - from < PATIENCE_MS,
        'no answer to a call that was sent again and again',
        bytes.toString('latin1').slice(0, 500),
      );
      try {
        const answer = await (await this.#open()).send(bytes);
        const isRunning = answer.status === 409 && answer.text.includes('is still running');
        if (answer.status !== 503 && !isRunning) return { answer, repeated, from, until: Date.now() };
        await new Promise((resolve) => setTimeout(resolve, 10));
      } catch (error) {
        if (!(error instanceof ConnectionLost)) throw error;
        repeated = true;
      }
    }
  }

  close(): void {
    this.#connection?.destroy();
  }

  async #cutOff(bytes: Buffer, { fraction, afterMs }: Cut): Promise<void> {
    try {
      const connection = await this.#open();
      // An answer that arrives nevertheless is ignored: the call counts as unanswered.
      connection.send(bytes.subarray(0, Math.ceil(bytes.length * fraction))).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      connection.destroy();
    } catch (error) {
      if (!(error instanceof ConnectionLost)) throw error;
    }
  }

  async #open(): Promise<RawConnection> {
    while (this.#connection === undefined || this.#connection.closed) {
      const url = await this.#lab.whenUp();
      try {
        this.#connection = await RawConnection.open(url);
      } catch (error) {
        if (!(error instanceof ConnectionLost)) throw error;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
    return this.#connection;
  }
}
