/** Days in the form used by the API and the console's fields. */

import dayjs from 'dayjs';
import customParseFormat from 'dayjs/plugin/customParseFormat.js';

dayjs.extend(customParseFormat);

export const DAY = 'YYYY-MM-DD';
/** The forms people type; ours comes first. */
const TYPED = [DAY, 'YYYY-M-D', 'D.M.YYYY', 'D MMM YYYY', 'MMM D, YYYY'];

/** @returns the day as `YYYY-MM-DD`; null when the text is not a day */
export function parseDay(text: string): string | null {
  const date = dayjs(text.trim(), TYPED, true);
  return date.isValid() ? date.format(DAY) : null;
}
