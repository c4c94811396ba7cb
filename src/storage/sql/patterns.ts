/** Pieces of statements that are assembled from what was asked for: the texts are ours, values are always bound. */

/** `?, ?, ?` for so many values, to stand between the parentheses of `in ()`; `null`, which equals nothing, for none. */
export function placeholders(count: number): string {
  return count === 0 ? 'null' : Array.from({ length: count }, () => '?').join(', ');
}

/** The pattern of texts that contain `part`, for `like ? escape '\'`. */
export function containing(part: string): string {
  return `%${part.replace(/[\\%_]/g, '\\$&')}%`;
}
