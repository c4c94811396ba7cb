/** Parts of statements that are assembled for a request: the texts are ours, and values are always bound. */

/** `?, ?, ?` for this many values, to go between the parentheses of `in ()`; `null`, which equals nothing, for none. */
export function placeholders(count: number): string {
  return count === 0 ? 'null' : Array.from({ length: count }, () => '?').join(', ');
}

/** The pattern of texts that contain `part`, for `like ? escape '\'`. */
export function containing(part: string): string {
  return `%${part.replace(/[\\%_]/g, '\\$&')}%`;
}
