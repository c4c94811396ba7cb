/** Numbers in readable form. */

import { whenUsed } from './formats.ts';

const whole = whenUsed(() => new Intl.NumberFormat());

/** Such as "1,204". */
export function formatCount(count: number): string {
  return whole().format(count);
}

/** Such as "1 member", "1,204 members". */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
