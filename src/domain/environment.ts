/** The two separate data sets of the account, and the account itself. */

export type Environment = 'live' | 'sandbox';

/** There is one account per deployment; the wire formats require its ID. */
export const ACCOUNT_ID = 1;

/** Longest customer profile ID, external audience ID and audience name, in Unicode code points (Third-party API). */
export const MAX_ID_LENGTH = 1000;

/** The most `adds` and `deletes` entries in one request, summed over all its items (Third-party API). */
export const MAX_CHANGES_PER_REQUEST = 1000;

/** The most items in one multi-profile request. */
export const MAX_ITEMS_PER_REQUEST = 1000;

/** Number of Unicode code points in a string. */
export function codePointLength(text: string): number {
  let length = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit >= 0xd800 && unit <= 0xdbff) index += 1;
    length += 1;
  }
  return length;
}

/** False for text that cannot be stored and returned unchanged: NUL characters and lone surrogates. */
export function isStorableText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}
