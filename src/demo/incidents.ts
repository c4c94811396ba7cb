/**
 * What goes wrong in the story, and how the product reports it: every refusal that somebody will have to understand one
 * day.
 */

import { AUDIENCES, CDP, DELETED, DELETED_DAY } from './audiences.ts';
import { audienceCreation, type Call, membershipSync, profileAudiences, profileUpdate, type Sender } from './calls.ts';
import { orderAttributesOf, placeOrder } from './people.ts';
import { around, busyness, DAY_MS, HOUR_MS, momentsOf } from './rhythm.ts';
import { TEALIUM_EXPIRY_DAY } from './set-up.ts';
import { expectAnswer, type Scene, type Stage, senderOf } from './stage.ts';

/** The attribute that a mapping sends although nobody defined it. */
export const UNDEFINED_ATTRIBUTE = 'FavouriteStore';
/** The same for the app's events; this mapping has not been fixed. */
export const UNDEFINED_APP_ATTRIBUTE = 'AppVersion';
const STORES = ['Berlin', 'Hamburg', 'Lyon', 'Milan', 'Porto', 'Leeds'];
const MAPPING_LASTED_MS = 5 * DAY_MS;
// Per average hour.
const MAPPING_REFUSALS = 10.5;
export const TEALIUM_RENEWAL_MS = (TEALIUM_EXPIRY_DAY + 2) * DAY_MS;

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

interface Incident {
  /** ms since the epoch */
  readonly from: number;
  readonly until: number;
  /** Per average hour. */
  readonly rate: number;
  /** Whether it follows business hours. */
  readonly busy: boolean;
  readonly statuses: readonly number[];
  call(stage: Stage, time: number): Call;
}

/** All incidents in this hour. @param hour its first moment, in ms since the epoch */
export function incidentScenes(stage: Stage, hour: number): Scene[] {
  const { random } = stage;
  return incidentsOf(stage).flatMap((incident) => {
    if (hour + HOUR_MS <= incident.from || hour >= incident.until) return [];
    const count = around(random, incident.rate * (incident.busy ? busyness(hour) : 1));
    return momentsOf(random, hour, count)
      .filter((time) => time >= incident.from && time < incident.until)
      .map((time) => ({
        time,
        play: async () => expectAnswer(stage, incident.call(stage, time), ...incident.statuses),
      }));
  });
}

/** Late yesterday afternoon, when somebody fixed the mapping. */
export function mappingFixedAt(end: number): number {
  const midnight = end - (end % DAY_MS);
  return midnight - DAY_MS + 17.66 * HOUR_MS;
}

function incidentsOf(stage: Stage): Incident[] {
  const { start, end } = stage;
  const day = (number: number, hour = 0): number => start + number * DAY_MS + hour * HOUR_MS;
  const fixedAt = mappingFixedAt(end);
  return [
    {
      from: fixedAt - MAPPING_LASTED_MS,
      until: fixedAt,
      rate: MAPPING_REFUSALS,
      busy: true,
      statuses: [400],
      call: orderWithUndefinedAttribute,
    },
    { from: day(3), until: end, rate: 0.6, busy: true, statuses: [400], call: appEvent },
    { from: day(12, 2), until: day(12, 5), rate: 14, busy: false, statuses: [404], call: wrongPlatformName },
    {
      from: day(TEALIUM_EXPIRY_DAY),
      until: start + TEALIUM_RENEWAL_MS,
      rate: 3,
      busy: true,
      statuses: [401],
      call: expiredKey,
    },
    // A second instance of the connector was forgotten.
    { from: start + TEALIUM_RENEWAL_MS, until: end, rate: 0.4, busy: false, statuses: [401], call: expiredKey },
    { from: day(8, 1), until: day(8, 3), rate: 13, busy: false, statuses: [400], call: ordersAsText },
    { from: day(25, 3), until: day(25, 6), rate: 3, busy: false, statuses: [400], call: unknownTier },
    {
      from: day(DELETED_DAY, 1),
      until: day(DELETED_DAY, 6),
      rate: 4.5,
      busy: false,
      statuses: [404],
      call: deletedAudience,
    },
    { from: day(14, 2), until: day(14, 3), rate: 3, busy: false, statuses: [409], call: createdTwice },
    ...[5, 13, 22, 27].map((night) => ({
      from: day(night, 4),
      until: day(night, 5),
      rate: 12,
      busy: false,
      statuses: [401],
      call: guessedKey,
    })),
    { from: day(13, 4), until: day(13, 5), rate: 5, busy: false, statuses: [404], call: unknownPath },
  ];
}

function orderWithUndefinedAttribute(stage: Stage, time: number): Call {
  const { random, crowd } = stage;
  const person = crowd.anybody();
  placeOrder(person, random, time);
  const attributes = { ...orderAttributesOf(person), [UNDEFINED_ATTRIBUTE]: random.pick(STORES) };
  return profileUpdate(senderOf(stage, 'cdp'), person.integrationId, attributes);
}

/** Something that the app's own mapping sends. */
export function appEvent(stage: Stage): Call {
  const { random, crowd } = stage;
  const from = { ...senderOf(stage, 'cdp'), userAgent: 'northwind-app/7.2', address: '203.0.113.41' };
  const attributes = { [UNDEFINED_APP_ATTRIBUTE]: `7.2.${random.below(9)}` };
  return profileUpdate(from, crowd.anybody().integrationId, attributes);
}

function wrongPlatformName(stage: Stage): Call {
  const { random, crowd } = stage;
  const from = { ...senderOf(stage, 'cdp'), platform: 'Northwind-CDP', address: '203.0.113.18' };
  const data = Array.from({ length: 3 + random.below(20) }, () => ({
    customerProfileId: crowd.anybody().integrationId,
    adds: ['newsletter'],
    deletes: [],
  }));
  return membershipSync(from, data);
}

/** The connector that still uses the expired key. */
export function expiredKey(stage: Stage): Call {
  const { random, crowd } = stage;
  const audience = random.pick(AUDIENCES.filter(({ platform }) => platform !== CDP));
  return profileAudiences(senderOf(stage, 'oldTealium'), crowd.anybody().integrationId, [audience.id], []);
}

function ordersAsText(stage: Stage): Call {
  const person = stage.crowd.anybody();
  return profileUpdate(senderOf(stage, 'cdp'), person.integrationId, {
    ...orderAttributesOf(person),
    LifetimeOrders: String(person.orders),
  });
}

function unknownTier(stage: Stage): Call {
  return profileUpdate(senderOf(stage, 'cdp'), stage.crowd.anybody().integrationId, { Tier: 'Diamond' });
}

function deletedAudience(stage: Stage): Call {
  const { random, crowd } = stage;
  const data = Array.from({ length: 1 + random.below(6) }, () => ({
    customerProfileId: crowd.anybody().integrationId,
    adds: [],
    deletes: [DELETED],
  }));
  return membershipSync(senderOf(stage, 'cdp'), data);
}

function createdTwice(stage: Stage): Call {
  return audienceCreation(senderOf(stage, 'cdp'), 'newsletter', 'Newsletter subscribers');
}

/** Somebody probes the server at night. */
function stranger({ random }: Stage): Sender {
  const letters = Array.from({ length: 38 }, () => ALPHABET[random.below(ALPHABET.length)]).join('');
  return { key: `rck_${letters}`, userAgent: 'Go-http-client/2.0', address: '192.0.2.203' };
}

function guessedKey(stage: Stage): Call {
  return profileUpdate(stranger(stage), '1', {});
}

function unknownPath(stage: Stage): Call {
  const path = stage.random.pick(['/cdp/admin', '/cdp/v1/customer_profiles', '/cdp/.env']);
  return { from: stranger(stage), method: 'GET', path };
}

/** Somebody forgot to throttle the nightly job. */
export function burstScenes(stage: Stage, time: number): Scene[] {
  return Array.from({ length: 60 }, (_, index) => ({
    time: time + index * 30,
    async play() {
      const person = stage.crowd.anybody();
      const call = profileUpdate(senderOf(stage, 'backfill'), person.integrationId, { Country: person.country });
      await expectAnswer(stage, call, 200, 429);
    },
  }));
}
