/** Days as the API and the console's fields write them. */

import dayjs from 'dayjs';
import customParseFormat from 'dayjs/plugin/customParseFormat.js';

dayjs.extend(customParseFormat);

export const DAY = 'YYYY-MM-DD';
/** What people type: our own form first. */
const TYPED = [DAY, 'YYYY-M-D', 'D.M.YYYY', 'D MMM YYYY', 'MMM D, YYYY'];

/** @returns the day as `YYYY-MM-DD`; null for what is no day */
export function parseDay(text: string): string | null {
  const date = dayjs(text.trim(), TYPED, true);
  return date.isValid() ? date.format(DAY) : null;
}
