/** The retailer's customers: invented, the same for the same seed, and changing as they order. */

import { People } from '../simulate/people.ts';
import { deriveSeed, mix32, Random } from '../simulate/random.ts';

export const TIERS = ['Bronze', 'Silver', 'Gold', 'Platinum'] as const;
export const INTERESTS = ['running', 'outdoor', 'yoga', 'cycling', 'swimming', 'football', 'climbing'] as const;

const STORES = [
  { city: 'Berlin', latitude: 52.5219, longitude: 13.4132 },
  { city: 'Hamburg', latitude: 53.5511, longitude: 9.9937 },
  { city: 'Lyon', latitude: 45.764, longitude: 4.8357 },
  { city: 'Milan', latitude: 45.4642, longitude: 9.19 },
  { city: 'Porto', latitude: 41.1579, longitude: -8.6291 },
  { city: 'Gothenburg', latitude: 57.7089, longitude: 11.9746 },
  { city: 'Leeds', latitude: 53.8008, longitude: -1.5491 },
] as const;

// The number of orders that lifts a customer into the next tier.
const TIER_ORDERS = [0, 6, 18, 40];

/** A customer as the platforms know them at the moment. */
export interface Person {
  readonly integrationId: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly country: string;
  readonly emailOptIn: boolean;
  readonly usesApp: boolean;
  readonly interests: readonly string[];
  readonly birthMonth: number;
  readonly homeStore: { readonly latitude: number; readonly longitude: number } | undefined;
  /** When the platforms first sent them, in ms since the epoch; undefined before that. */
  knownSince: number | undefined;
  orders: number;
  /** In euros. */
  lifetimeValue: number;
  /** ms since the epoch */
  lastOrder: number;
}

export function tierOf({ orders }: Person): string {
  const tier = TIER_ORDERS.findLastIndex((needed) => orders >= needed);
  return TIERS[tier] ?? TIERS[0];
}

/** The customers of one seed. @param start the story's first moment, in ms since the epoch */
export function inventPeople(seed: number, count: number, start: number): Person[] {
  const names = new People(seed);
  return Array.from({ length: count }, (_, index) => inventPerson(seed, index, names, start));
}

function inventPerson(seed: number, index: number, names: People, start: number): Person {
  const random = new Random(deriveSeed(seed, 11) ^ mix32(index));
  const { FirstName: firstName, LastName: lastName, Country: country, EmailOptIn } = names.attributes(index, 1);
  const email = `${plain(firstName)}.${plain(lastName)}.${index + 1}@example.com`;
  // Most customers order rarely: the square of a uniform number favours small values.
  const orders = Math.floor((random.below(1000) / 1000) ** 3 * 52);
  const storeVisitor = random.below(10) < 6;
  const store = random.pick(STORES);
  return {
    integrationId: inventId(random, index, email),
    firstName,
    lastName,
    email,
    country,
    emailOptIn: EmailOptIn,
    usesApp: random.below(100) < 55,
    interests: INTERESTS.filter(() => random.below(100) < 28),
    birthMonth: 1 + random.below(12),
    homeStore: storeVisitor ? { latitude: store.latitude, longitude: store.longitude } : undefined,
    knownSince: undefined,
    orders,
    lifetimeValue: Math.round(orders * (18 + random.below(70)) * 100) / 100,
    lastOrder: start - random.below(200 * 24 * 60) * 60_000,
  };
}

/** Mostly customer numbers; some come from the app, and some are guests known only by their e-mail address. */
function inventId(random: Random, index: number, email: string): string {
  const form = random.below(100);
  // A bijection of the index, so that no two are equal.
  const number = (index * 7919 + 104_729) % 1_000_003;
  if (form < 82) return `NW-${String(1_000_000 + number)}`;
  if (form < 95)
    return `app_${mix32(index ^ 0x2545f491)
      .toString(36)
      .padStart(7, '0')}`;
  return `guest+${email}`;
}

function plain(name: string): string {
  return name
    .normalize('NFD')
    .replaceAll('ı', 'i')
    .replaceAll('ł', 'l')
    .replace(/[^A-Za-z]/g, '')
    .toLowerCase();
}

/** Everything a platform sends when it sends a customer for the first time. */
export function attributesOf(person: Person): Record<string, unknown> {
  const { firstName, lastName, email, country, emailOptIn, interests, homeStore } = person;
  return {
    FirstName: firstName,
    LastName: lastName,
    Email: email,
    Country: country,
    EmailOptIn: emailOptIn,
    ...(interests.length === 0 ? {} : { Interests: interests }),
    ...(homeStore === undefined ? {} : { HomeStore: homeStore }),
    ...orderAttributesOf(person),
  };
}

/** What an order changes. */
export function orderAttributesOf(person: Person): Record<string, unknown> {
  return {
    Tier: tierOf(person),
    LifetimeOrders: person.orders,
    LifetimeValue: person.lifetimeValue,
    LastOrder: new Date(person.lastOrder).toISOString(),
  };
}

/** The customer buys something. @param time ms since the epoch */
export function placeOrder(person: Person, random: Random, time: number): void {
  person.orders += 1;
  person.lifetimeValue = Math.round((person.lifetimeValue + 12 + random.below(13_800) / 100) * 100) / 100;
  person.lastOrder = time - (time % 1000);
}
