/** What happens every hour of the story: orders, audience syncs, and requests from the shop. */

import { AUDIENCES, CDP, TEALIUM } from './audiences.ts';
import {
  audiencesLookup,
  audiencesQuestion,
  type MembershipItem,
  membershipSync,
  profileAudiences,
  profileUpdate,
} from './calls.ts';
import type { Movement } from './crowd.ts';
import { attributesOf, orderAttributesOf, type Person, placeOrder } from './people.ts';
import { around, busyness, HOUR_MS, isOfficeHour, momentsOf } from './rhythm.ts';
import { expectAnswer, type Scene, type SenderName, type Stage, senderOf } from './stage.ts';

// Per average hour.
const ORDERS = 2.6;
const NEW_CUSTOMERS = 1.6;
const QUESTIONS = 2.2;
const KIOSK_QUESTIONS = 0.5;
const LOOKUPS = 0.2;
const REHEARSALS = 1.5;
// A connector's own limit, below the published one.
const ITEMS_PER_SYNC = 200;
const REHEARSAL_AUDIENCES = ['newsletter', 'gold', 'checkout-test'];

/** All events of an ordinary hour. @param hour its first moment, in ms since the epoch */
export function everydayScenes(stage: Stage, hour: number, options: { tealium: SenderName | undefined }): Scene[] {
  const scenes = [
    ...orders(stage, hour),
    ...newCustomers(stage, hour),
    ...questions(stage, hour),
    ...rehearsals(stage, hour),
  ];
  const sync = (at: number, half: 0 | 1): Scene => ({ time: at, play: async () => syncCdp(stage, hour, half) });
  scenes.push(sync(hour + 4 * 60_000, 0), sync(hour + 34 * 60_000, 1));
  const { tealium } = options;
  if (tealium !== undefined) scenes.push(...tealiumEvents(stage, hour, tealium));
  return scenes;
}

function orders(stage: Stage, hour: number): Scene[] {
  const { random, crowd } = stage;
  return momentsOf(random, hour, around(random, ORDERS * busyness(hour))).map((time) => ({
    time,
    async play() {
      const person = crowd.anybody();
      placeOrder(person, random, time);
      const call = profileUpdate(senderOf(stage, 'cdp'), person.integrationId, orderAttributesOf(person));
      await expectAnswer(stage, call, 200);
    },
  }));
}

function newCustomers(stage: Stage, hour: number): Scene[] {
  const { random } = stage;
  return momentsOf(random, hour, around(random, NEW_CUSTOMERS * busyness(hour))).map((time) => ({
    time,
    play: async () => welcome(stage, time),
  }));
}

/** The platform sends somebody for the first time. */
export async function welcome(stage: Stage, time: number): Promise<void> {
  const person = stage.crowd.meetNext(time);
  if (person === undefined) return;
  const call = profileUpdate(senderOf(stage, 'cdp'), person.integrationId, attributesOf(person));
  await expectAnswer(stage, call, 200);
}

function questions(stage: Stage, hour: number): Scene[] {
  const { random, crowd } = stage;
  const ask = (count: number, sender: SenderName): Scene[] =>
    momentsOf(random, hour, around(random, count * busyness(hour))).map((time) => ({
      time,
      async play() {
        const call = audiencesQuestion(senderOf(stage, sender), crowd.anybody().integrationId);
        await expectAnswer(stage, call, 200);
      },
    }));
  const lookups = momentsOf(random, hour, around(random, LOOKUPS * busyness(hour))).map((time) => ({
    time,
    async play() {
      const ids = Array.from({ length: 2 + random.below(8) }, () => crowd.anybody().integrationId);
      await expectAnswer(stage, audiencesLookup(senderOf(stage, 'shop'), ids), 200);
    },
  }));
  return [...ask(QUESTIONS, 'shop'), ...ask(KIOSK_QUESTIONS, 'kiosk'), ...lookups];
}

function rehearsals(stage: Stage, hour: number): Scene[] {
  const { random } = stage;
  if (!isOfficeHour(hour)) return [];
  return momentsOf(random, hour, around(random, REHEARSALS)).map((time) => ({
    time,
    async play() {
      const id = `test-${1 + random.below(60)}`;
      const audience = random.pick(REHEARSAL_AUDIENCES);
      const [adds, deletes] = random.below(3) > 0 ? [[audience], []] : [[], [audience]];
      await expectAnswer(stage, profileAudiences(senderOf(stage, 'rehearsal'), id, adds, deletes), 200);
    },
  }));
}

/** Half of the platform's audiences at a time, as it works through its list. */
async function syncCdp(stage: Stage, hour: number, half: 0 | 1): Promise<void> {
  const audiences = AUDIENCES.filter(({ platform }, index) => platform === CDP && index % 2 === half);
  await sendInOne(stage, 'cdp', movementsOf(stage, audiences, hour));
}

function movementsOf(stage: Stage, audiences: typeof AUDIENCES, hour: number): Movement[] {
  return audiences.map((each) => stage.crowd.move(each, hour)).filter((each) => each !== undefined);
}

/** Sends all joins and leaves in as few calls as a connector would. */
async function sendInOne(stage: Stage, sender: SenderName, movements: readonly Movement[]): Promise<void> {
  const items = itemsOf(movements);
  for (let from = 0; from < items.length; from += ITEMS_PER_SYNC) {
    const call = membershipSync(senderOf(stage, sender), items.slice(from, from + ITEMS_PER_SYNC));
    await expectAnswer(stage, call, 204);
  }
}

/** The first sync of a platform, with everyone it has. */
export async function syncAll(
  stage: Stage,
  platform: typeof CDP | typeof TEALIUM,
  sender: SenderName,
  hour: number,
): Promise<void> {
  const audiences = AUDIENCES.filter((each) => each.platform === platform);
  await sendInOne(stage, sender, movementsOf(stage, audiences, hour));
}

function itemsOf(movements: readonly Movement[]): MembershipItem[] {
  const items = new Map<Person, MembershipItem>();
  const itemOf = (person: Person): MembershipItem => {
    const item = items.get(person) ?? { customerProfileId: person.integrationId, adds: [], deletes: [] };
    items.set(person, item);
    return item;
  };
  for (const { audience, joins, leaves } of movements) {
    for (const person of joins) itemOf(person).adds.push(audience.id);
    for (const person of leaves) itemOf(person).deletes.push(audience.id);
  }
  return [...items.values()];
}

/** One call per customer, when it happens: this platform streams. */
function tealiumEvents(stage: Stage, hour: number, sender: SenderName): Scene[] {
  const audiences = AUDIENCES.filter(({ platform }) => platform === TEALIUM);
  const items = itemsOf(movementsOf(stage, audiences, hour));
  return items.map(({ customerProfileId, adds, deletes }) => ({
    time: hour + stage.random.below(HOUR_MS),
    play: async () =>
      expectAnswer(stage, profileAudiences(senderOf(stage, sender), customerProfileId, adds, deletes), 200),
  }));
}
