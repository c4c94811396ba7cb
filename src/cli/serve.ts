/** `rollcall serve`: wires everything together, runs it, and takes it down in reverse order. */

import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import { pino } from 'pino';
import { type Config, ConfigError, DEFAULT_DATABASE, type Flags, readConfig } from '../config.ts';
import { COMMAND_LINE } from '../domain/audit-log.ts';
import type { Core } from '../domain/core.ts';
import { NO_ACCESS_LOG } from '../domain/no-access-log.ts';
import { WriteQueue } from '../domain/write-queue.ts';
import { KeyUse } from '../http/key-use.ts';
import { Metrics } from '../http/metrics.ts';
import { startServer } from '../http/server.ts';
import { startJobs } from '../jobs.ts';
import { MEMORY_URL, sqlitePath } from '../storage/index.ts';
import { version } from '../version.ts';
import { bannerText, listeningLine } from './banner.ts';
import { openDatabase } from './database.ts';
import { setUpEphemeral, setUpFirstRun } from './first-run.ts';
import { print } from './output.ts';

const REDACTED = [
  'req.headers.authorization',
  'headers.authorization',
  'authorization',
  'password',
  'key.secret',
  'secret',
];
// One key press can arrive several times: from the terminal, from npm, and from the shell that ends.
const SAME_SIGNAL_MS = 1000;

/**
 * Serves until SIGTERM or SIGINT.
 * @returns the exit code
 */
export async function serve(flags: Flags, options: { ephemeral: boolean }): Promise<number> {
  const config = readServeConfig(flags, options.ephemeral);
  // What we create is private to its owner, whatever the shell's mask.
  process.umask(0o077);
  const logger = pino(
    { level: options.ephemeral ? quieter(config.logLevel) : config.logLevel, redact: REDACTED },
    pino.destination({ dest: 2, sync: false }),
  );
  const signalled = firstSignal(logger, config);
  const closers: (() => Promise<void>)[] = [];
  let code = 0;
  try {
    await start(config, options.ephemeral, logger, closers);
    await signalled;
  } finally {
    for (const close of closers.reverse()) {
      await close().catch((error: unknown) => {
        logger.error({ err: error }, 'stopping failed');
        code = 1;
      });
    }
  }
  return code;
}

/** @throws ConfigError */
function readServeConfig(flags: Flags, ephemeral: boolean): Config {
  if (ephemeral && flags.database !== undefined) {
    throw new ConfigError('--ephemeral keeps everything in memory; leave out --database');
  }
  // Nothing is kept: which database the environment names does not matter.
  const config = readConfig(ephemeral ? { ...flags, database: DEFAULT_DATABASE } : flags);
  checkCertificate(config);
  return config;
}

/** @throws ConfigError when the two files are no certificate and its key */
function checkCertificate({ tlsCert, tlsKey }: Config): void {
  if (tlsCert === undefined || tlsKey === undefined) return;
  const [cert, key] = [tlsCert, tlsKey].map((file, index) => {
    try {
      return readFileSync(file);
    } catch {
      throw new ConfigError(`${index === 0 ? '--tls-cert' : '--tls-key'}: cannot read the file ${file}`);
    }
  });
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError(`--tls-cert, --tls-key: not a certificate and its private key in PEM form (${reason})`);
  }
}

/** Starts everything; what must be taken down is added to `closers` as soon as it is up. */
async function start(
  config: Config,
  ephemeral: boolean,
  logger: pino.Logger,
  closers: (() => Promise<void>)[],
): Promise<void> {
  const databaseUrl = ephemeral ? MEMORY_URL : config.database;
  const storage = await openDatabase(databaseUrl, {
    mustExist: false,
    maxBytes: config.maxDatabaseBytes,
    onBackup: (file) => logger.info({ file }, 'the database was copied before its schema was upgraded'),
    onThreadFailure: (error) => logger.error({ err: error }, 'a thread of the store died; another takes its place'),
  });
  closers.push(async () => storage.close());
  const metrics = new Metrics();
  const limits = { maxRequests: config.maxBacklogRequests, maxBytes: config.maxBacklogBytes };
  const queue = new WriteQueue(storage, limits, metrics.observeBatch);
  const core: Core = { storage, queue, now: Date.now, actor: COMMAND_LINE, accessLog: NO_ACCESS_LOG };
  metrics.watch(core);
  const keyUse = new KeyUse(storage, (error) => logger.warn({ err: error }, 'last use of keys could not be written'));
  closers.push(async () => keyUse.close());
  const path = ephemeral ? undefined : sqlitePath(databaseUrl);
  const databaseFile = path === undefined ? undefined : resolve(path);
  const jobs = startJobs(core, config, logger, databaseFile);
  closers.push(async () => jobs.stop());
  const server = await startServer({ core, config, logger, metrics, keyUse, version });
  closers.push(async () => server.stop());

  if (databaseFile === undefined) {
    const setUp = await setUpEphemeral(core);
    await show(`${JSON.stringify({ url: config.publicUrl ?? server.url, ...setUp })}\n`);
    return;
  }
  const parts = { config, url: server.url, databaseFile, now: core.now() };
  const secretsFile = process.stdout.isTTY ? undefined : join(dirname(databaseFile), 'first-run.txt');
  const isFirst = await setUpFirstRun(core, config, secretsFile, async (firstRun) =>
    show(bannerText({ ...parts, firstRun })),
  );
  if (!isFirst) await show(bannerText({ ...parts, firstRun: undefined }));
  await show(listeningLine(server.url));
}

/** Prints; a reader that has gone is not missed. */
async function show(text: string): Promise<void> {
  await print(text).catch(() => undefined);
}

function quieter(level: string): string {
  return level === 'info' ? 'warn' : level;
}

/** Resolves when SIGTERM or SIGINT comes. A second one, or too long a stop, ends the process at once. */
async function firstSignal(logger: pino.Logger, config: Config): Promise<void> {
  const limit = (config.shutdownDelaySeconds + config.shutdownGraceSeconds + 5) * 1000;
  return new Promise((settle) => {
    let first: number | undefined;
    const onSignal = (signal: NodeJS.Signals): void => {
      if (first === undefined) {
        first = performance.now();
        logger.info({ signal }, 'stopping');
        setTimeout(() => {
          logger.error('stopping took too long');
          process.exit(1);
        }, limit).unref();
        settle();
      } else if (performance.now() - first > SAME_SIGNAL_MS) process.exit(1);
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}
