/** Single events of the story: keys that come and go, audiences created, renamed, deleted, and rebuilt from a list. */

import { randomUUID } from 'node:crypto';
import { deleteApiKey, listApiKeys } from '../domain/access/api-key-administration.ts';
import { replaceMembers } from '../domain/memberships/replacement.ts';
import {
  AUDIENCES,
  type AudiencePlan,
  CDP,
  DELETED,
  DELETED_DAY,
  RENAMED,
  RENAMED_DAY,
  REPLACED,
  REPLACED_DAY,
  REPLACED_SHARE,
} from './audiences.ts';
import { audienceCreation, audienceDeletion, audienceRename } from './calls.ts';
import { burstScenes, TEALIUM_RENEWAL_MS } from './incidents.ts';
import type { Person } from './people.ts';
import { DAY_MS, HOUR_MS } from './rhythm.ts';
import { addAgencyKey, renewTealiumKey, signInAs } from './set-up.ts';
import { coreOf, expectAnswer, type Scene, type Stage, senderOf, type UserName } from './stage.ts';

const AGENCY_KEY_DAYS = { from: 6, until: 10 };
const SIGN_INS: readonly (readonly [UserName, number])[] = [
  ['jonas', 1.3],
  ['maya', 8.2],
  ['jonas', 15.4],
  ['tomas', 18.9],
  ['jonas', 24.3],
  ['maya', 29.2],
  ['jonas', 29.7],
];

/** The single events of the whole story, in no particular order. */
export function eventScenes(stage: Stage): Scene[] {
  const { start, end } = stage;
  const on = (day: number, play: () => Promise<void>): Scene => ({ time: start + day * DAY_MS, play });
  const cdp = () => senderOf(stage, 'cdp');
  return [
    ...AUDIENCES.filter(({ from }) => from !== undefined).map(({ id, name, from = 0 }) =>
      // Just before its first members arrive.
      on(from - 0.01, async () => expectAnswer(stage, audienceCreation(cdp(), id, name), 201)),
    ),
    on(RENAMED_DAY, async () => expectAnswer(stage, audienceRename(cdp(), RENAMED.id, RENAMED.name), 200)),
    on(DELETED_DAY, async () => expectAnswer(stage, audienceDeletion(cdp(), DELETED), 204)),
    on(REPLACED_DAY, async () => rebuildFromList(stage)),
    on(AGENCY_KEY_DAYS.from, async () => addAgencyKey(stage)),
    on(AGENCY_KEY_DAYS.until, async () => removeAgencyKey(stage)),
    { time: start + TEALIUM_RENEWAL_MS, play: async () => renewTealiumKey(stage) },
    ...SIGN_INS.map(([name, day]) => on(day, async () => signInAs(stage, name))),
    ...burstScenes(stage, end - 27 * HOUR_MS),
  ];
}

async function removeAgencyKey(stage: Stage): Promise<void> {
  const core = coreOf(stage, 'tomas');
  const agency = (await listApiKeys(core)).find(({ title }) => title.startsWith('Agency'));
  if (agency === undefined) throw new Error('The story has no key for the agency');
  await deleteApiKey(core, agency.id);
}

/** An analyst's list replaces what the platform's rule had found. */
async function rebuildFromList(stage: Stage): Promise<void> {
  const { crowd, random, clock } = stage;
  const core = coreOf(stage, 'tomas');
  const plan = AUDIENCES.find(({ id }) => id === REPLACED) as AudiencePlan;
  const audience = (await core.storage.catalog()).audienceByIntegrationId('live', CDP, REPLACED);
  if (audience === undefined) throw new Error(`The story has no audience ${REPLACED}`);
  const members = crowd
    .everyone()
    .filter((person) => plan.fits(person, clock.now()) && random.below(1000) < REPLACED_SHARE * 1000);
  const caller = {
    requestUuid: randomUUID(),
    keyId: undefined,
    userId: core.actor.userId,
    applicationId: undefined,
    environment: 'live' as const,
    bytes: 0,
  };
  await replaceMembers(core, audience.id, caller, inOne(members));
  crowd.replace(plan, members);
}

async function* inOne(people: readonly Person[]): AsyncGenerator<string[]> {
  yield people.map(({ integrationId }) => integrationId);
}
