/** The rhythm of a shop: the share of a day's business in an hour, by hour and weekday of its home town. */

import type { Random } from '../simulate/random.ts';

export const HOUR_MS = 60 * 60 * 1000;
export const DAY_MS = 24 * HOUR_MS;
/** The time zone of the shop. */
export const TIMEZONE = 'Europe/Berlin';

// Quiet nights, a rise at lunch-time, and the peak after dinner.
const HOURS = [
  0.25, 0.15, 0.1, 0.1, 0.12, 0.2, 0.4, 0.65, 0.85, 1, 1.1, 1.2, 1.35, 1.25, 1.15, 1.15, 1.2, 1.35, 1.6, 1.95, 2.2, 2,
  1.35, 0.7,
];
const WEEKDAYS: Readonly<Record<string, number>> = {
  Mon: 0.9,
  Tue: 0.85,
  Wed: 0.9,
  Thu: 1,
  Fri: 1.05,
  Sat: 1.2,
  Sun: 1.3,
};

const format = new Intl.DateTimeFormat('en', {
  timeZone: TIMEZONE,
  weekday: 'short',
  hour: 'numeric',
  hourCycle: 'h23',
});

function local(time: number): { hour: number; weekday: string } {
  const parts = new Map(format.formatToParts(time).map(({ type, value }) => [type, value]));
  return { hour: Number(parts.get('hour')), weekday: parts.get('weekday') ?? 'Mon' };
}

/** How busy the hour is; 1 on average. @param time ms since the epoch */
export function busyness(time: number): number {
  const { hour, weekday } = local(time);
  return (HOURS[hour] ?? 1) * (WEEKDAYS[weekday] ?? 1);
}

/** Reports whether people are at their desks. @param time ms since the epoch */
export function isOfficeHour(time: number): boolean {
  const { hour, weekday } = local(time);
  return hour >= 9 && hour < 18 && weekday !== 'Sat' && weekday !== 'Sun';
}

/** A random whole number with the given mean: its fraction is the chance of one more. */
export function around(random: Random, mean: number): number {
  const varied = mean * (0.7 + random.below(601) / 1000);
  return Math.floor(varied) + (random.below(1000) / 1000 < varied % 1 ? 1 : 0);
}

/** `count` moments within an hour, in order. */
export function momentsOf(random: Random, hour: number, count: number): number[] {
  return Array.from({ length: count }, () => hour + random.below(HOUR_MS)).sort((a, b) => a - b);
}
