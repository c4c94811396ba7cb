/** The time zones one can choose from, and the viewer's own. */

export const TIME_ZONES: readonly string[] = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((z) => z !== 'UTC')];

export const OWN_TIME_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;
