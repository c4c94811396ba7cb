/** The address to return to after signing in; always one of the console's own. */

export interface ReturnSearch {
  return?: string;
}

export function returnSearch(search: Record<string, unknown>): ReturnSearch {
  const value = search['return'];
  return typeof value === 'string' && isOwn(value) ? { return: value } : {};
}

/** Returns the given address if it is inside the console, and the front page otherwise. */
export function safeReturn(value: string | undefined): string {
  return value !== undefined && isOwn(value) ? value : '/';
}

function isOwn(value: string): boolean {
  // Browsers ignore some control characters and treat a backslash as a slash.
  if (/\p{Cc}/u.test(value)) return false;
  const [path = ''] = value.split(/[?#]/, 1);
  const plain = decoded(path);
  if (plain === undefined || /\p{Cc}/u.test(plain)) return false;
  // `//host` and `/\host` are addresses of other machines, however they are written.
  return [path, plain].every((each) => /^\/(?![/\\])/.test(each)) && !/^\/(sign-in|change-password)\b/.test(plain);
}

/** Undefined when it cannot be decoded. */
function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
