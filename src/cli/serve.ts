/** `rollcall serve`: wires everything together, runs it, and takes it down in reverse order. */

import { dirname, join, resolve } from 'node:path';
import { pino } from 'pino';
import { type Config, readConfig } from '../config.ts';
import type { Core } from '../domain/core.ts';
import { WriteQueue } from '../domain/write-queue.ts';
import { KeyUse } from '../http/key-use.ts';
import { Metrics } from '../http/metrics.ts';
import { type RunningServer, startServer } from '../http/server.ts';
import { startJobs } from '../jobs.ts';
import { MEMORY_URL, openStorage, sqlitePath } from '../storage/index.ts';
import { version } from '../version.ts';
import { printBanner } from './banner.ts';
import { setUpEphemeral, setUpFirstRun } from './first-run.ts';

const REDACTED = [
  'req.headers.authorization',
  'headers.authorization',
  'authorization',
  'password',
  'key.secret',
  'secret',
];

/**
 * Serves until SIGTERM or SIGINT.
 * @returns the exit code
 */
export async function serve(flags: Parameters<typeof readConfig>[0], options: { ephemeral: boolean }): Promise<number> {
  const config = readConfig(options.ephemeral ? { database: MEMORY_URL, ...flags } : flags);
  // What we create is private to its owner, whatever the shell's mask.
  process.umask(0o077);
  const logger = pino(
    { level: options.ephemeral ? quieter(config.logLevel) : config.logLevel, redact: REDACTED },
    pino.destination({ dest: 2, sync: false }),
  );
  const databaseUrl = options.ephemeral ? MEMORY_URL : config.database;
  const storage = await openStorage(databaseUrl, {
    maxBytes: config.maxDatabaseBytes,
    onBackup: (file) => logger.info({ file }, 'the database was copied before its schema was upgraded'),
  });
  const metrics = new Metrics();
  const queue = new WriteQueue(
    storage,
    { maxRequests: config.maxBacklogRequests, maxBytes: config.maxBacklogBytes },
    metrics.observeBatch,
  );
  const core: Core = { storage, queue, now: Date.now };
  metrics.watch(core);
  const keyUse = new KeyUse(storage, (error) => logger.warn({ err: error }, 'last use of keys could not be written'));
  const path = options.ephemeral ? undefined : sqlitePath(databaseUrl);
  const databaseFile = path === undefined ? undefined : resolve(path);

  let server: RunningServer;
  try {
    server = await startServer({ core, config, logger, metrics, keyUse, version });
  } catch (error) {
    await storage.close();
    throw error;
  }
  const jobs = startJobs(core, config, logger, databaseFile);
  const stopped = stopOnSignal(logger, config, async () => {
    await server.stop();
    await jobs.stop();
    await keyUse.close();
    await storage.close();
  });
  if (databaseFile === undefined) {
    const setUp = await setUpEphemeral(core);
    process.stdout.write(`${JSON.stringify({ url: config.publicUrl ?? server.url, ...setUp })}\n`);
  } else {
    const firstRun = await setUpFirstRun(core, config, join(dirname(databaseFile), 'first-run.txt'));
    printBanner(process.stdout, { config, url: server.url, databaseFile, firstRun });
  }
  return stopped;
}

function quieter(level: string): string {
  return level === 'info' ? 'warn' : level;
}

/** Resolves with the exit code once a signal came and `stop` is done; a second signal, or too long a wait, ends at once. */
async function stopOnSignal(logger: pino.Logger, config: Config, stop: () => Promise<void>): Promise<number> {
  const limit = (config.shutdownDelaySeconds + config.shutdownGraceSeconds + 5) * 1000;
  return new Promise((resolveCode) => {
    let signals = 0;
    const onSignal = (signal: NodeJS.Signals): void => {
      signals += 1;
      if (signals > 1) process.exit(1);
      logger.info({ signal }, 'stopping');
      setTimeout(() => {
        logger.error('stopping took too long');
        process.exit(1);
      }, limit).unref();
      stop().then(
        () => resolveCode(0),
        (error: unknown) => {
          logger.error({ err: error }, 'stopping failed');
          resolveCode(1);
        },
      );
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}
