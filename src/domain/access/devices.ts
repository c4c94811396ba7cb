/**
 * Browsers that were signed in before. Whoever guesses passwords from elsewhere must not keep their users out, so such a browser
 * is let through where strangers are throttled. Only a hash of each token is stored.
 */

/** A browser that is known as one user's. */
export interface Device {
  readonly hash: Buffer;
  readonly userId: number;
  /** ms since the epoch; each sign-in moves it on */
  readonly expires: number;
}

/** How many browsers of one user are known; more push out those that expire first. */
export const MAX_DEVICES_PER_USER = 20;
