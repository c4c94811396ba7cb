/** The audiences of the story: whom each one suits, and how its size develops over the thirty days. */

import { type Person, tierOf } from './people.ts';
import { DAY_MS } from './rhythm.ts';

export const CDP = 'Northwind CDP';
export const TEALIUM = 'Tealium';

export interface AudiencePlan {
  readonly platform: typeof CDP | typeof TEALIUM;
  /** The platform's own ID. */
  readonly id: string;
  readonly name: string;
  /** @param time ms since the epoch */
  fits(person: Person, time: number): boolean;
  /** The share of suitable people who are members. @param day of the story, 0 to 30 */
  share(day: number): number;
  /** The share of members replaced in a day. */
  readonly churn: number;
  /** The days of the story between which it exists; the whole story when absent. */
  readonly from?: number;
  readonly until?: number;
}

const EUROPE = new Set(['DE', 'FR', 'IT', 'ES', 'PL', 'SE']);
const everyone = (): boolean => true;
const steady = (share: number) => (): number => share;
const between =
  (first: number, last: number) =>
  (day: number): number =>
    first + ((last - first) * day) / 30;
/** A campaign: slow at first, then fast, until nobody is left to win. */
const campaign =
  (start: number, share: number) =>
  (day: number): number =>
    share / (1 + Math.exp(-(day - start - 7) / 2.2));

export const DELETED_DAY = 20;
export const RENAMED_DAY = 11;
export const REPLACED_DAY = 18;
/** The audience that an analyst rebuilds from a CSV file. */
export const REPLACED = 'high-value';
export const REPLACED_SHARE = 0.96;
/** The audience that is renamed, and its new name. */
export const RENAMED = { id: 'sale-hunters', name: 'Outlet shoppers' };
export const DELETED = 'summer-clearance';

export const AUDIENCES: readonly AudiencePlan[] = [
  {
    platform: CDP,
    id: 'newsletter',
    name: 'Newsletter subscribers',
    fits: (person) => person.emailOptIn,
    share: between(0.86, 0.93),
    churn: 0.012,
  },
  { platform: CDP, id: 'silver', name: 'Silver members', fits: isTier('Silver'), share: steady(0.97), churn: 0.004 },
  { platform: CDP, id: 'gold', name: 'Gold members', fits: isTier('Gold'), share: steady(0.97), churn: 0.004 },
  { platform: CDP, id: 'platinum', name: 'Platinum members', fits: isTier('Platinum'), share: steady(1), churn: 0 },
  {
    platform: CDP,
    id: 'winback-eu',
    name: 'Win-back EU',
    fits: (person) => EUROPE.has(person.country),
    share: between(0.58, 0.13),
    churn: 0.01,
  },
  {
    platform: CDP,
    id: 'early-access',
    name: 'Winter sale early access',
    fits: (person) => person.emailOptIn,
    share: campaign(9, 0.62),
    churn: 0.01,
    from: 9,
  },
  {
    platform: CDP,
    id: 'cart-abandoners',
    name: 'Cart abandoners (48 h)',
    fits: everyone,
    share: steady(0.035),
    churn: 0.8,
  },
  {
    platform: CDP,
    id: REPLACED,
    name: 'High lifetime value',
    fits: (person) => person.lifetimeValue >= 900,
    // The platform's rule missed many people; the analyst's list did not.
    share: (day) => (day < REPLACED_DAY ? 0.66 : REPLACED_SHARE),
    churn: 0.006,
  },
  {
    platform: CDP,
    id: 'new-customers',
    name: 'New customers (14 days)',
    fits: (person, time) =>
      person.knownSince !== undefined && time - person.knownSince < 14 * DAY_MS && person.orders < 6,
    share: steady(0.5),
    churn: 0,
    from: 1,
  },
  { platform: CDP, id: RENAMED.id, name: 'Sale hunters', fits: everyone, share: between(0.16, 0.19), churn: 0.03 },
  {
    platform: CDP,
    id: DELETED,
    name: 'Summer clearance',
    fits: everyone,
    share: between(0.2, 0.14),
    churn: 0.02,
    until: DELETED_DAY,
  },
  {
    platform: TEALIUM,
    id: '1041',
    name: 'Active in the app (7 days)',
    fits: (person) => person.usesApp,
    share: steady(0.42),
    churn: 0.016,
  },
  {
    platform: TEALIUM,
    id: '1042',
    name: 'Push enabled',
    fits: (person) => person.usesApp,
    share: between(0.55, 0.6),
    churn: 0.004,
  },
  {
    platform: TEALIUM,
    id: '1057',
    name: 'Store visitors (30 days)',
    fits: (person) => person.homeStore !== undefined,
    share: steady(0.3),
    churn: 0.013,
  },
  {
    platform: TEALIUM,
    id: '1063',
    name: 'Interest: running',
    fits: (person) => person.interests.includes('running'),
    share: between(0.5, 0.72),
    churn: 0.004,
  },
  {
    platform: TEALIUM,
    id: '1064',
    name: 'Interest: outdoor',
    fits: (person) => person.interests.includes('outdoor'),
    share: steady(0.55),
    churn: 0.006,
  },
];

function isTier(tier: string): (person: Person) => boolean {
  return (person) => tierOf(person) === tier;
}

/** Reports whether the audience exists on that day of the story. */
export function existsOn({ from = 0, until = Number.POSITIVE_INFINITY }: AudiencePlan, day: number): boolean {
  return day >= from && day < until;
}
