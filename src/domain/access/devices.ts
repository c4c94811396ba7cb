/**
 * Browsers in which a user signed in before. Somebody who guesses passwords from elsewhere must not lock the user out,
 * so a known browser is let through where strangers are throttled. Only a hash of each token is stored.
 */

/** A browser known to belong to one user. */
export interface Device {
  readonly hash: Buffer;
  readonly userId: number;
  /** ms since the epoch; each sign-in extends it */
  readonly expires: number;
}

const MINUTE_MS = 60_000;
const KNOWN_MS = 90 * 24 * 60 * MINUTE_MS;
const UNLOCKED_MS = 15 * MINUTE_MS;
const MAX_DEVICES_PER_USER = 20;

/** Until when a browser in which somebody signs in at `now` is known; both in ms since the epoch. */
export function deviceExpiry(now: number): number {
  return now + KNOWN_MS;
}

/** Until when the throttle is lifted for a user, and a link counts as a known browser; in ms since the epoch. */
export function unlockExpiry(now: number): number {
  return now + UNLOCKED_MS;
}

/** Reports whether a browser is known as this user's at `now`. */
export function isKnownAs(
  device: Pick<Device, 'userId' | 'expires'> | undefined,
  userId: number | undefined,
  now: number,
): boolean {
  return device !== undefined && device.userId === userId && now < device.expires;
}

/**
 * Decides which browsers are forgotten when another is kept: the expired ones, and beyond a limit those that expire
 * first. The one that is kept stays, however soon it expires, so that a link from `unlockUser` finds room too.
 * @param devices those known as the user's so far; may contain `kept`
 * @param now ms since the epoch
 */
export function devicesToForget(devices: readonly Device[], kept: Device, now: number): Device[] {
  const others = devices
    .filter(({ hash }) => Buffer.compare(hash, kept.hash) !== 0)
    .sort((a, b) => b.expires - a.expires || Buffer.compare(a.hash, b.hash));
  const live = others.filter(({ expires }) => expires > now).length;
  return others.slice(Math.min(live, MAX_DEVICES_PER_USER - 1));
}
