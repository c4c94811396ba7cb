/** What a test holds of a server: its operations, each a call of the test controls. */

import {
  type Admin,
  type Audience,
  type Clock,
  type ConnectOptions,
  type Environment,
  type Fault,
  type Faults,
  type Profile,
  type Received,
  type ReceivedRequest,
  type Rollcall,
  RollcallError,
  type Seed,
  type Seeded,
  type Time,
} from './api.ts';
import { ControlCalls } from './control-calls.ts';

const TIMEOUT_MS = 5000;
/** The longest that one call waits. */
const MAX_WAIT_MS = 30_000;
const MAX_LISTED = 10;
const PAGE = 1000;

// Taken before a test can replace it.
const { performance } = globalThis;
const monotonic = performance.now.bind(performance);

/** @param stop ends a server that is the caller's own */
export async function connect<S extends Seed>(server: ConnectOptions, stop: () => Promise<void>): Promise<Rollcall<S>> {
  const calls = new ControlCalls(server);
  // The labels are those of the seed: the server made them of it.
  const seeded = await calls.call<Seeded<S>>('GET', '');
  const close = async (): Promise<void> => {
    calls.close();
    await stop();
  };
  return {
    url: server.url,
    token: server.token,
    seeded,
    keys: seeded.keys,
    seed: async <const More extends Seed>(more: More) => calls.call<Seeded<More>>('POST', '/seed', more),
    reset: async () => calls.call('POST', '/reset'),
    clock: clockOf(calls),
    faults: faultsOf(calls),
    received: receivedOf(calls),
    profile: async (integrationId, environment = 'live') => profileOf(calls, integrationId, environment),
    audiences: async (environment = 'live') => audiencesOf(calls, environment),
    members: async (audience, environment = 'live') => {
      const id = typeof audience === 'number' ? audience : await numberOf(calls, audience, environment);
      return (await calls.call<{ data: string[] }>('GET', `/audiences/${id}/members`)).data;
    },
    admin: async () => calls.call<Admin>('POST', '/admins'),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function clockOf(calls: ControlCalls): Clock {
  const answered = ({ now }: { now: string }): Date => new Date(now);
  const change = async (body: object): Promise<Date> => answered(await calls.call('PATCH', '/clock', body));
  return {
    now: async () => answered(await calls.call('GET', '/clock')),
    set: async (time) => change({ set: toText(time) }),
    advance: async (milliseconds) => change({ advanceMs: milliseconds }),
    freeze: async (time) => change({ ...(time !== undefined && { set: toText(time) }), frozen: true }),
    resume: async () => change({ frozen: false }),
  };
}

/** @throws RollcallError for a date that is none */
function toText(time: Time): string {
  if (typeof time === 'string') return time;
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) throw new RollcallError('The time is not a valid date');
  return date.toISOString();
}

function faultsOf(calls: ControlCalls): Faults {
  return {
    add: async (fault) => calls.call<Fault>('POST', '/faults', fault),
    list: async () => (await calls.call<{ data: Fault[] }>('GET', '/faults')).data,
    clear: async () => calls.call('DELETE', '/faults'),
  };
}

function receivedOf(calls: ControlCalls): Received {
  const page = async (after: number, waitMs: number): Promise<ReceivedRequest[]> => {
    const query = `after=${after}&waitMs=${waitMs}&limit=${PAGE}`;
    return (await calls.call<{ data: ReceivedRequest[] }>('GET', `/requests?${query}`)).data;
  };
  return {
    async list() {
      const all: ReceivedRequest[] = [];
      for (let part = await page(0, 0); part.length > 0; part = await page(part.at(-1)?.number ?? 0, 0))
        all.push(...part);
      return all;
    },
    async waitFor(isWanted = () => true, timeoutMs = TIMEOUT_MS) {
      const deadline = monotonic() + timeoutMs;
      const others: ReceivedRequest[] = [];
      for (let after = 0; ; after = others.at(-1)?.number ?? 0) {
        const left = Math.max(0, Math.ceil(deadline - monotonic()));
        const part = await page(after, Math.min(left, MAX_WAIT_MS));
        const found = part.find(isWanted);
        if (found !== undefined) return found;
        others.push(...part);
        if (part.length === 0 && left <= MAX_WAIT_MS) throw notReceived(others, timeoutMs);
      }
    },
    clear: async () => calls.call('DELETE', '/requests'),
  };
}

function notReceived(others: readonly ReceivedRequest[], timeoutMs: number): RollcallError {
  const lines = others
    .slice(-MAX_LISTED)
    .map(({ method, path, status }) => `\n  ${method} ${path} → ${status ?? 'dropped'}`);
  const instead =
    lines.length === 0 ? 'nothing was received' : `the last of ${others.length} received are:${lines.join('')}`;
  return new RollcallError(`No such request within ${timeoutMs} ms; ${instead}`);
}

async function profileOf(
  calls: ControlCalls,
  integrationId: string,
  environment: Environment,
): Promise<Profile | undefined> {
  const path = `/profiles/${encodeURIComponent(integrationId)}?environment=${environment}`;
  try {
    return await calls.call<Profile>('GET', path);
  } catch (error) {
    if (error instanceof RollcallError && error.status === 404) return undefined;
    throw error;
  }
}

async function audiencesOf(calls: ControlCalls, environment: Environment): Promise<Audience[]> {
  return (await calls.call<{ data: Audience[] }>('GET', `/audiences?environment=${environment}`)).data;
}

/** @throws RollcallError unless exactly one audience has the ID */
async function numberOf(calls: ControlCalls, integrationId: string, environment: Environment): Promise<number> {
  const found = (await audiencesOf(calls, environment)).filter((each) => each.integrationId === integrationId);
  if (found.length === 1 && found[0] !== undefined) return found[0].id;
  const platforms = found.map(({ platform }) => `'${platform ?? ''}'`).join(', ');
  throw new RollcallError(
    found.length === 0
      ? `There is no audience '${integrationId}' in ${environment}`
      : `Several audiences have the ID '${integrationId}' (platforms ${platforms}); give the number of one`,
  );
}
