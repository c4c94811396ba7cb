/** What of these pages is in their address. */

export function audiencesSearch(_search: Record<string, unknown>): Record<string, never> {
  return {};
}

export function audienceSearch(_search: Record<string, unknown>): Record<string, never> {
  return {};
}
