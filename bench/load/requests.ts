/** Renders requests before they are needed, and says what is wrong with an answer. */

import { deriveSeed, Random } from '../../src/simulate/random.ts';
import { type Answer, type AnswerReader, HttpAnswers, RedisReplies } from './answers.ts';
import { BulkOrder } from './bulk-order.ts';
import { type BulkWork, CHANGES_PER_CALL, type ReadWork, type UpdateWork, type Work } from './task.ts';

/** The requests of a load, by connection and by the number of those that the connection has sent. */
export interface Feed {
  /** @returns undefined after the last one */
  request(connection: number, index: number): Buffer | undefined;
  reader(): AnswerReader;
  /** What is wrong with an answer; undefined if nothing is. */
  problem(answer: Answer, connection: number, index: number): string | undefined;
}

const TIERS = ['gold', 'silver', 'bronze', 'basic'] as const;
// Looking into each answer would take more of the machine than sending the requests.
const BODIES_READ = 64;

export function feedOf(work: Work, connections: number): Feed {
  switch (work.kind) {
    case 'update':
      return repeating(work, connections, renderUpdates(work), isState);
    case 'read':
      return repeating(work, connections, renderReads(work), isList);
    case 'bulk':
    case 'sets':
      return bulk(work, connections);
    case 'fill':
      return fill(work, connections);
  }
}

function http(method: string, path: string, key: string, body?: object): Buffer {
  const head = `${method} ${path} HTTP/1.1\r\nHost: bench\r\nAuthorization: ApiKey-v1 ${key}\r\n`;
  if (body === undefined) return Buffer.from(`${head}\r\n`);
  const text = JSON.stringify(body);
  const about = `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n`;
  return Buffer.from(head + about + text);
}

interface Rendered {
  readonly profile: number;
  readonly bytes: Buffer;
}

function renderUpdates({ key, audienceIds, profiles, seed, requests }: UpdateWork): Rendered[] {
  const random = new Random(deriveSeed(seed, 1));
  return Array.from({ length: requests }, () => {
    const profile = random.below(profiles);
    const first = random.below(audienceIds.length);
    // Three different ones.
    const [one, two, three] = [0, 17, 31].map((offset) => audienceIds[(first + offset) % audienceIds.length]);
    const body = {
      attributes: { Tier: random.pick(TIERS) },
      audiencesChanges: { adds: [one, two], deletes: [three] },
    };
    return { profile, bytes: http('PUT', `/cdp/customer_profile/p${profile}`, key, body) };
  });
}

function renderReads({ key, profiles, seed, requests }: ReadWork): Rendered[] {
  const random = new Random(deriveSeed(seed, 2));
  return Array.from({ length: requests }, () => {
    const profile = random.below(profiles);
    return { profile, bytes: http('GET', `/v1/customer_profiles/p${profile}/audiences`, key) };
  });
}

/** Requests that may be sent again: each connection starts at another place of the list and goes around. */
function repeating(
  { constant }: UpdateWork | ReadWork,
  connections: number,
  rendered: readonly Rendered[],
  isRight: (body: unknown, profile: string) => boolean,
): Feed {
  const at = (connection: number, index: number): Rendered =>
    rendered[(Math.floor((connection * rendered.length) / connections) + index) % rendered.length] as Rendered;
  return {
    request: (connection, index) => at(connection, index).bytes,
    reader: () => new HttpAnswers(),
    problem(answer, connection, index) {
      if (answer.status !== 200) return `status ${answer.status}`;
      if (index % BODIES_READ !== 0) return undefined;
      const text = answer.body.toString();
      if (constant !== undefined) return text === constant ? undefined : 'not the constant answer';
      const { profile } = at(connection, index);
      return isRight(JSON.parse(text), `p${profile}`) ? undefined : `not the answer for p${profile}`;
    },
  };
}

function isState(body: unknown, profile: string): boolean {
  const { customerProfile } = body as { customerProfile?: { integrationId?: unknown; attributes?: { Tier?: string } } };
  return customerProfile?.integrationId === profile && customerProfile.attributes?.Tier !== undefined;
}

/** Every profile is in some audience from the beginning. */
function isList(body: unknown): boolean {
  const { data } = body as { data?: { id?: unknown; name?: unknown }[] };
  return Array.isArray(data) && data.length > 0 && data.every(({ id, name }) => Number.isInteger(id) && name !== '');
}

function bulk({ kind, key, audiences, profiles, cursors, calls }: BulkWork, connections: number): Feed {
  const order = new BulkOrder(profiles, connections);
  const render = (connection: number, call: number): Buffer => {
    const joins = order.joins(call);
    const changes = order.profiles(connection, call).map((profile) => ({
      profile: `p${profile}`,
      audience: audiences[profile % audiences.length] ?? '',
    }));
    if (kind === 'sets') {
      const command = joins ? 'SADD' : 'SREM';
      return Buffer.from(changes.map(({ profile, audience }) => redis(command, audience, profile)).join(''));
    }
    const list = joins ? 'adds' : 'deletes';
    const data = changes.map(({ profile, audience }) => ({ customerProfileId: profile, [list]: [audience] }));
    return http('PUT', '/cdp/v2/customer_profiles/audiences', key, { data });
  };
  const different = Math.min(calls, order.cycle);
  const rendered = Array.from({ length: connections }, (_, connection) =>
    Array.from({ length: different }, (_, call) => render(connection, (cursors[connection] ?? 0) + call)),
  );
  return {
    // If less than a cycle was rendered, the turn ends with the last call: sent again, it would change nothing.
    request: (connection, index) => (index < calls ? rendered[connection]?.[index % different] : undefined),
    reader: () => (kind === 'sets' ? new RedisReplies(CHANGES_PER_CALL) : new HttpAnswers()),
    problem: ({ status }) => (status === (kind === 'sets' ? 200 : 204) ? undefined : `status ${status}`),
  };
}

function redis(...words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((each) => `$${each.length}\r\n${each}\r\n`).join('')}`;
}

/** Rendered as they are sent, because all of them might not fit into memory. */
function fill({ key, audienceIds, fill }: Work & { kind: 'fill' }, connections: number): Feed {
  const { from, to, memberships } = fill;
  const perCall = Math.max(1, Math.floor(CHANGES_PER_CALL / memberships));
  // Steps of 11 meet no audience twice, unless there are 11, 22, … of them.
  const audienceOf = (profile: number, place: number): number | undefined =>
    audienceIds[(profile + place * 11) % audienceIds.length];
  return {
    request(connection, index) {
      const first = from + (index * connections + connection) * perCall;
      if (first >= to) return undefined;
      const data = Array.from({ length: Math.min(perCall, to - first) }, (_, offset) => ({
        customerProfileId: `p${first + offset}`,
        adds: Array.from({ length: memberships }, (_, place) => audienceOf(first + offset, place)),
      }));
      return http('PUT', '/cdp/customer_profiles/audiences', key, { data });
    },
    reader: () => new HttpAnswers(),
    problem: ({ status }) => (status === 204 ? undefined : `status ${status}`),
  };
}
