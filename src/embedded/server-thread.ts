/** The thread of a server that a test started. */

import { parentPort, workerData } from 'node:worker_threads';
import { pino } from 'pino';
import type { Closers } from '../cli/running.ts';
import { ConfigError, type Flags, readConfig, SETTINGS } from '../config.ts';
import { DomainError } from '../domain/errors.ts';
import { nearestName } from '../domain/nearest-name.ts';
import { startControlled } from './controlled-server.ts';
import type { ThreadData, ThreadMessage } from './server-host.ts';

/** What every server has: the labels are those of `rollcall serve --ephemeral`. */
const STANDARD_SEED = {
  applications: { Default: {}, Sandbox: { environment: 'sandbox' } },
  keys: {
    customerData: { application: 'Default', title: 'customer data', platform: 'customer_data' },
    generic: { application: 'Default' },
    readOnly: { application: 'Default', title: 'read-only', readOnly: true },
    sandboxCustomerData: { application: 'Sandbox', title: 'sandbox customer data', platform: 'customer_data' },
    sandboxGeneric: { application: 'Sandbox', title: 'sandbox generic' },
  },
};

/** What differs from the defaults unless a test says otherwise: nobody looks at Activity, or waits for an end. */
const SETTINGS_OF_TESTS = {
  ROLLCALL_ACCESS_LOG: 'false',
  ROLLCALL_LOG_LEVEL: 'error',
  ROLLCALL_SHUTDOWN_GRACE_SECONDS: '1',
};

/** What a test cannot set: it comes from elsewhere, or the controls could not be reached any more. */
const REFUSED = new Set([
  'ROLLCALL_DATABASE',
  'ROLLCALL_HOST',
  'ROLLCALL_PORT',
  'ROLLCALL_TLS_CERT',
  'ROLLCALL_TLS_KEY',
]);

const { seed, port, strict, settings } = workerData as ThreadData;
const closers: Closers = [];

async function start(): Promise<ThreadMessage> {
  checkNames(settings);
  const flags: Flags = { port: String(port), ...(strict && { strict: 'true' }) };
  const config = readConfig(flags, { ...SETTINGS_OF_TESTS, ...settings });
  const logger = pino({ level: config.logLevel }, pino.destination({ dest: 2, sync: true }));
  const { url, token } = await startControlled(config, logger, closers, async (_core, controls) => {
    await controls.seed(STANDARD_SEED);
    if (seed !== undefined) await controls.seed(seed);
  });
  return { url, token };
}

/** @throws ConfigError */
function checkNames(given: Readonly<Record<string, string>>): void {
  const known = SETTINGS.map(({ variable }) => variable).filter((name) => !REFUSED.has(name));
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    const nearest = nearestName(name, known);
    throw new ConfigError(
      `settings: there is no ${name} here${nearest === undefined ? '' : `; did you mean ${nearest}?`}`,
    );
  }
}

async function stop(): Promise<void> {
  for (const close of closers.reverse()) await close();
  // Whatever is left of the thread, such as a timer.
  process.exit(0);
}

parentPort?.once('message', () => void stop());
try {
  parentPort?.postMessage(await start());
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof DomainError)) throw error;
  parentPort?.postMessage({ failure: error.message } satisfies ThreadMessage);
}
