/** The time zones one can choose from, and the viewer's own. */

const KNOWN: readonly string[] = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];

export const OWN_TIME_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** @param current what must be among them: zones have older names too, which browsers do not list */
export function timeZonesWith(current: string): readonly string[] {
  return KNOWN.includes(current) ? KNOWN : [current, ...KNOWN];
}
