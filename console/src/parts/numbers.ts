/** Numbers as people read them. */

const WHOLE = new Intl.NumberFormat();

/** Such as "1,204". */
export function formatCount(count: number): string {
  return WHOLE.format(count);
}

/** Such as "1 member", "1,204 members". */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
