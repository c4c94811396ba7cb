/** The package's main export: servers for the test suites of others. */

import type { ConnectOptions, Rollcall, Seed, StartOptions } from './api.ts';
import { connect } from './handle.ts';
import { startThread } from './server-host.ts';

export * from './api.ts';

/**
 * Starts a server that keeps everything in memory, in a thread of its own: timers, clocks and modules that a test replaces do not
 * reach it, and it does not keep the process alive. Several may run at once.
 * @throws RollcallError for a setting that cannot be used, or a seed with a problem
 */
export async function startRollcall<const S extends Seed = object>(
  options: StartOptions<S> = {},
): Promise<Rollcall<S>> {
  const { url, token, stop } = await startThread(options);
  try {
    return await connect<S>({ url, token }, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Controls a server that runs already: one that another process started by `startRollcall`, or
 * `rollcall serve --ephemeral --test-controls`.
 * @throws RollcallError when it cannot be reached or the token is wrong
 */
export async function connectRollcall(server: ConnectOptions): Promise<Rollcall> {
  return connect<Seed>(server, async () => undefined);
}
