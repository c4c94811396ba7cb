/**
 * An audience that is deleted while others write to it: it is gone at once, empty when created again, and nothing
 * remains.
 */

import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { deriveSeed, Random } from '../../src/simulate/random.ts';
import { commandJson } from '../cli/command.ts';
import { runCli } from '../server-process.ts';
import { lookUp } from './hot-reads.ts';
import { Lab } from './lab.ts';
import type { Call } from './model.ts';
import { CallConnection } from './model-wire.ts';
import { check, PATIENCE_MS, rounds, size } from './settings.ts';

const FROM = { environment: 'live', platform: 'Deleting CDP' } as const;
const RACES = size(4, 200);
const WRITERS = 4;
const CALLS = 30;

let lab: Lab;
// Each race uses its own names.
let race = 0;

beforeAll(async () => {
  lab = await Lab.open({ env: { ROLLCALL_LOG_LEVEL: 'warn' } });
});

afterAll(async () => {
  await lab.stop();
});

/** What the answers so far have shown about the audience. */
interface Known {
  readonly externalId: string;
  readonly oldId: number;
  deletionSent: boolean;
  /** No write sent from now on may reach the old one. */
  deleted: boolean;
  /** Its number after it was created again. */
  newId: number | undefined;
  /** Profiles that certainly joined the new one; those in `perhaps` may have reached either. */
  readonly joined: Set<string>;
  readonly perhaps: Set<string>;
}

/** Makes one write to the audience, and records in `known` what its answer shows. */
async function writeOnce(connection: CallConnection, known: Known, profile: string, random: Random): Promise<void> {
  const { externalId, oldId } = known;
  const before = { deleted: known.deleted, deletionSent: known.deletionSent, newId: known.newId };
  const change = { profile, adds: [externalId], deletes: [] };
  const kind = random.pick(['profile', 'profile audiences', 'bulk', 'bulk alias', 'bulk external'] as const);
  let call: Call;
  if (kind === 'profile') call = { ...FROM, kind, ...change, adds: [oldId] };
  else if (kind === 'profile audiences') call = { ...FROM, kind, ...change };
  else call = { ...FROM, kind, items: [{ ...change, adds: [kind === 'bulk' ? oldId : externalId] }] };
  const { status, text } = await connection.send(call);
  const byNumber = kind === 'profile' || kind === 'bulk';
  check([200, 204, 404].includes(status), `answered with ${status}`, text);
  if (status === 404) {
    check(before.deletionSent || known.deletionSent, 'an audience nobody deleted was not found', text);
    check(byNumber || before.newId === undefined, 'the new audience was not found', text);
    return;
  }
  if (byNumber) check(!before.deleted, 'a write reached a deleted audience', { call, text });
  if (kind === 'profile audiences') {
    const { customerProfile } = JSON.parse(text) as { customerProfile: { audienceMemberships: { id: number }[] } };
    const [membership, ...more] = customerProfile.audienceMemberships;
    check(membership !== undefined && more.length === 0, 'the answer shows not just the one audience', text);
    if (membership.id === oldId) check(!before.deleted, 'an answer shows a deleted audience', text);
    else known.joined.add(profile);
  } else if (!byNumber) {
    if (before.newId !== undefined) known.joined.add(profile);
    else if (known.deletionSent) known.perhaps.add(profile);
  }
}

async function deleteAndMakeAgain(known: Known, random: Random): Promise<void> {
  const connection = await CallConnection.open(lab);
  await new Promise((resolve) => setTimeout(resolve, random.below(15)));
  known.deletionSent = true;
  await connection.expect({ ...FROM, kind: 'delete', externalId: known.externalId }, 204);
  known.deleted = true;
  await new Promise((resolve) => setTimeout(resolve, random.pick([0, 0, random.below(10)])));
  known.newId = await connection.create(FROM, known.externalId);
  connection.close();
}

/** Waits until the job has purged deleted audiences; after that, no membership may be without an audience. */
async function checkNothingLeft(): Promise<void> {
  const database = new Database(lab.file, { readonly: true, timeout: 10_000 });
  const deadline = Date.now() + 20_000;
  const dead = database.prepare<[], number>('select count(*) from dead_sets').pluck();
  while ((dead.get() ?? 0) > 0) {
    check(Date.now() < deadline, 'the purge does not come to an end', dead.get());
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const stray = database
    .prepare<[], number>(
      'select count(*) from members where member_set not in (select member_set from audiences where deleted is null)',
    )
    .pluck()
    .get();
  check(stray === 0, 'memberships of nobody', stray);
  database.close();
}

async function exported(id: number): Promise<Set<string>> {
  const { code, stdout, stderr } = await runCli(['audience', 'export', String(id), '--database', lab.database]);
  check(code === 0, `the export ended with ${code}`, stderr);
  return new Set(stdout.trimEnd().split('\n').slice(1));
}

describe('deleting an audience', () => {
  test('while others write to it leaves nothing behind', { timeout: PATIENCE_MS }, async () => {
    await rounds(async (seed) => {
      const random = new Random(deriveSeed(seed, 5));
      const connections = await Promise.all(Array.from({ length: WRITERS }, async () => CallConnection.open(lab)));
      const [first] = connections;
      check(first !== undefined, 'no connection');
      let met = 0;
      const finals: { id: number; members: Set<string> }[] = [];
      for (let number = 0; number < RACES; number += 1) {
        race += 1;
        const externalId = `contested ${race}`;
        const oldId = await first.create(FROM, externalId);
        const known: Known = {
          externalId,
          oldId,
          deletionSent: false,
          deleted: false,
          newId: undefined,
          joined: new Set(),
          perhaps: new Set(),
        };
        const write = async (connection: CallConnection, writer: number): Promise<void> => {
          for (let call = 0; call < CALLS; call += 1) {
            await writeOnce(connection, known, `contender ${race} ${writer} ${call}`, random);
          }
        };
        await Promise.all([...connections.map(write), deleteAndMakeAgain(known, random)]);
        const { newId, joined, perhaps } = known;
        check(newId !== undefined && newId > oldId, 'a number was used again', { oldId, newId });
        const profiles = connections.flatMap((_, writer) =>
          Array.from({ length: CALLS }, (_, call) => `contender ${race} ${writer} ${call}`),
        );
        const members = new Set<string>();
        for (const [profile, audiences] of await lookUp(lab, profiles)) {
          for (const { id } of audiences) check(id === newId, `'${profile}' is in a deleted audience`, audiences);
          if (audiences.length > 0) members.add(profile);
        }
        check(
          [...joined].every((each) => members.has(each)),
          'a member of the new audience is lost',
          { joined: [...joined], members: [...members] },
        );
        check(
          [...members].every((each) => joined.has(each) || perhaps.has(each)),
          'a member that never joined',
          { members: [...members] },
        );
        met += members.size;
        finals.push({ id: newId, members });
      }
      check(met > RACES, 'hardly any race met the new audience', met);
      const list = await commandJson<{ id: number; members: number }[]>([
        'audience',
        'list',
        '--database',
        lab.database,
      ]);
      const counts = new Map(list.map(({ id, members }) => [id, members]));
      for (const { id, members } of finals)
        check(counts.get(id) === members.size, 'the count is off', {
          id,
          listed: counts.get(id),
          members: members.size,
        });
      const last = finals.at(-1);
      check(
        last !== undefined &&
          [...(await exported(last.id))].sort(byText).join() === [...last.members].sort(byText).join(),
        'the export differs',
      );
      for (const connection of connections) connection.close();
      await checkNothingLeft();
      await lab.verify();
      return `${RACES} races`;
    });
  });

  test('of many members is done at once, and removed little by little', { timeout: PATIENCE_MS }, async () => {
    const connection = await CallConnection.open(lab);
    race += 1;
    const externalId = `large ${race}`;
    const profiles = Array.from({ length: size(12_000, 200_000) }, (_, index) => `large ${race}/${index}`);
    const join = async (from: number, to: number): Promise<void> => {
      const items = profiles.slice(from, to).map((profile) => ({ profile, adds: [externalId], deletes: [] }));
      await connection.expect({ ...FROM, kind: 'bulk external', items }, 204);
    };
    await connection.create(FROM, externalId);
    for (let start = 0; start < profiles.length; start += 1000) await join(start, start + 1000);
    await connection.expect({ ...FROM, kind: 'delete', externalId }, 204);
    check(
      [...(await lookUp(lab, profiles)).values()].every((list) => list.length === 0),
      'a deleted audience is still seen',
    );
    const newId = await connection.create(FROM, externalId);
    // The old members are being purged while new ones are added.
    await join(0, 500);
    await checkNothingLeft();
    const members = await exported(newId);
    check(
      members.size === 500 && profiles.slice(0, 500).every((each) => members.has(each)),
      'other members than those that joined',
      members.size,
    );
    connection.close();
    await lab.verify();
  });
});

function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
