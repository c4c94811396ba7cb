/** The address to come back to after signing in; only ever one of the console's own. */

export interface ReturnSearch {
  return?: string;
}

export function returnSearch(search: Record<string, unknown>): ReturnSearch {
  const value = search['return'];
  return typeof value === 'string' && isOwn(value) ? { return: value } : {};
}

/** Where to go: the given address when it is inside the console, else the front page. */
export function safeReturn(value: string | undefined): string {
  return value !== undefined && isOwn(value) ? value : '/';
}

// `//host` and `/\host` are addresses of other machines.
function isOwn(value: string): boolean {
  return /^\/(?![/\\])/.test(value) && !/^\/(sign-in|change-password)\b/.test(value);
}
