/** The time zones to choose from, and the viewer's own. */

const KNOWN: readonly string[] = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];

export const OWN_TIME_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** @param current a zone that must be in the list: browsers leave out older names of zones */
export function timeZonesWith(current: string): readonly string[] {
  return KNOWN.includes(current) ? KNOWN : [current, ...KNOWN];
}
