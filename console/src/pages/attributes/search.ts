/** What of these pages is in their address. */

export type AttributesSearch = Record<string, never>;

export function attributesSearch(_search: Record<string, unknown>): AttributesSearch {
  return {};
}
