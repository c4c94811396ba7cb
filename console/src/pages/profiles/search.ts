/** What of these pages is in their address. */

export function profilesSearch(_search: Record<string, unknown>): Record<string, never> {
  return {};
}

export function profileSearch(_search: Record<string, unknown>): Record<string, never> {
  return {};
}
