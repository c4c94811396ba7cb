/** An in-memory server controlled by a test, for `rollcall serve --test-controls` and `startRollcall`. */

import { randomBytes } from 'node:crypto';
import type { Logger } from 'pino';
import { type Closers, wireParts } from '../cli/running.ts';
import { type Config, ConfigError } from '../config.ts';
import type { Core } from '../domain/core.ts';
import { SURFACES } from '../http/app.ts';
import { startServer } from '../http/server.ts';
import { installProbe, testControlsSurface } from '../http/surfaces/test-controls/index.ts';
import { DEFAULT_PLATFORM_NAME } from '../http/surfaces/third-party-headers.ts';
import { startJobs } from '../jobs/jobs.ts';
import { MEMORY_URL } from '../storage/index.ts';
import { TestClock } from '../test-controls/clock.ts';
import { TestControls } from '../test-controls/controls.ts';

export { NO_EXPIRY } from '../test-controls/seed.ts';

export interface ControlledServer<SetUp> {
  /** The address it listens on, as `http://host:port`. */
  readonly url: string;
  /** The token that requests to the test controls need. */
  readonly token: string;
  readonly controls: TestControls;
  readonly setUp: SetUp;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/i;

/**
 * Starts it; adds to `closers` whatever must be taken down, as soon as it is up.
 * @param setUp creates the initial state, to which a reset returns
 * @throws ConfigError when the address can be reached from other machines, or cannot be listened on
 */
export async function startControlled<SetUp>(
  config: Config,
  logger: Logger,
  closers: Closers,
  setUp: (core: Core, controls: TestControls) => Promise<SetUp>,
): Promise<ControlledServer<SetUp>> {
  requireLoopback(config);
  const clock = new TestClock();
  const parts = await wireParts(config, MEMORY_URL, logger, closers, clock.now);
  const { core } = parts;
  const jobs = startJobs(core, config, logger);
  closers.push(async () => jobs.stop());
  const controls = new TestControls({
    core,
    clock,
    defaultPlatform: DEFAULT_PLATFORM_NAME,
    catchUp: async () => jobs.catchUp(),
  });
  const made = await setUp(core, controls);
  await core.queue.idle();
  await controls.remember();
  const token = `rct_${randomBytes(24).toString('base64url')}`;
  const server = await startServer({
    ...parts,
    surfaces: [...SURFACES, testControlsSurface(controls, token)],
    elapsed: clock.elapsed,
    instrument: (app, instruments) => installProbe(app, controls, instruments),
  });
  closers.push(async () => server.stop());
  server.ready();
  return { url: server.url, token, controls, setUp: made };
}

/** @throws ConfigError */
function requireLoopback({ host }: Config): void {
  if (LOOPBACK.test(host)) return;
  throw new ConfigError(`--test-controls: only on this machine; leave out --host ${host}, or choose 127.0.0.1`);
}
