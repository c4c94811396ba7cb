/** A point in time in the viewer's zone, with UTC on hover; relative when the age is what matters. */

import { useEffect, useState } from 'react';
import { whenUsed } from './formats.ts';

const timeFormat = (options: Intl.DateTimeFormatOptions) => whenUsed(() => new Intl.DateTimeFormat(undefined, options));
const dateTime = timeFormat({ dateStyle: 'medium', timeStyle: 'short' });
const precise = timeFormat({ dateStyle: 'medium', timeStyle: 'medium' });
const clock = timeFormat({ timeStyle: 'medium' });
const date = timeFormat({ dateStyle: 'medium' });
const age = whenUsed(() => new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' }));

const STEPS: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, seconds: number])[] = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

export interface TimeProps {
  /** RFC 3339. */
  readonly value: string;
  /**
   * `relative`: "3 minutes ago"; `precise`: with seconds; `date`: only the day; `clock`: only the time, if it was
   * today.
   */
  readonly as?: 'date-time' | 'precise' | 'date' | 'relative' | 'clock';
  /** IANA zone for `date`, when the day belongs to another zone (an Application's). */
  readonly timeZone?: string;
}

export function Time({ value, as = 'date-time', timeZone }: TimeProps) {
  const time = new Date(value);
  if (Number.isNaN(time.getTime())) return value;
  const title = as === 'relative' ? `${precise().format(time)} (${utc(time)})` : utc(time);
  return (
    <time dateTime={value} title={title} className="figures">
      {as === 'relative' ? <Age time={time} /> : format(time, as, timeZone)}
    </time>
  );
}

function Age({ time }: { readonly time: Date }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 20_000);
    return () => clearInterval(timer);
  }, []);
  return relative(time, now);
}

/** Such as "3 minutes ago" or "in 2 days". */
export function relative(time: Date, now: number): string {
  const seconds = (time.getTime() - now) / 1000;
  // A clock that is slightly ahead must not produce a time in the future.
  if (Math.abs(seconds) < 45) return 'just now';
  for (const [unit, size] of STEPS) {
    if (Math.abs(seconds) >= size * 0.95) return age().format(Math.round(seconds / size), unit);
  }
  return age().format(Math.round(seconds / 60), 'minute');
}

function utc(time: Date): string {
  return `${time
    .toISOString()
    .replace('T', ' ')
    .replace(/\.000Z$|Z$/, '')} UTC`;
}

function format(time: Date, as: 'date-time' | 'precise' | 'date' | 'clock', timeZone: string | undefined): string {
  if (timeZone !== undefined) return new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeZone }).format(time);
  if (as === 'date') return date().format(time);
  if (as === 'clock' && date().format(time) === date().format(new Date())) return clock().format(time);
  return (as === 'precise' ? precise : dateTime)().format(time);
}
