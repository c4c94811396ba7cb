/**
 * Runs a server from its start to a signal: wires the parts that every server has, and takes them down in reverse
 * order.
 */

import { pino } from 'pino';
import type { AccessLog, Logged } from '../access-log/access-log.ts';
import { NO_ACCESS_LOG } from '../access-log/no-access-log.ts';
import type { Config } from '../config.ts';
import { COMMAND_LINE } from '../domain/actor.ts';
import type { Core } from '../domain/core.ts';
import { WriteQueue } from '../domain/memberships/queue.ts';
import type { StoragePlace } from '../domain/storage.ts';
import { KeyUse } from '../http/key-use.ts';
import { Metrics } from '../http/metrics.ts';
import type { startServer } from '../http/server.ts';
import { Uploads } from '../http/uploads.ts';
import { STORE_FAILED } from '../jobs/write-probe.ts';
import { openAccessLog } from '../storage/index.ts';
import { version } from '../version.ts';
import { openDatabase } from './database.ts';
import { onSignal } from './interruption.ts';

/** The parts of a server, except its socket. */
export type ServerParts = Parameters<typeof startServer>[0];

/** How to take down what was started, in the order of starting. */
export type Closers = (() => Promise<void>)[];

const REDACTED = [
  'req.headers.authorization',
  'headers.authorization',
  'authorization',
  'password',
  'key.secret',
  'secret',
];

/**
 * Runs what `start` starts until SIGTERM or SIGINT.
 * @param start adds to `closers` whatever must be taken down, as soon as it is up
 * @returns the exit code
 */
export async function runUntilSignal(
  config: Config,
  level: string,
  start: (logger: pino.Logger, closers: Closers, signalled: AbortSignal) => Promise<void>,
): Promise<number> {
  // New files are private to their owner, whatever the shell's umask.
  process.umask(0o077);
  const logger = pino({ level, redact: REDACTED }, pino.destination({ dest: 2, sync: false }));
  const signalled = new AbortController();
  const signal = firstSignal(logger, config).then(() => signalled.abort());
  const closers: Closers = [];
  let code = 0;
  try {
    await start(logger, closers, signalled.signal);
    await signal;
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

/**
 * Opens the store and wires the parts around it.
 * @param now the clock of all parts, in ms since the epoch; a store in a file uses the real time
 */
export async function wireParts(
  config: Config,
  databaseUrl: string,
  logger: pino.Logger,
  closers: Closers,
  now: () => number = Date.now,
): Promise<ServerParts> {
  const storage = await openDatabase(databaseUrl, {
    mustExist: false,
    access: 'upgrade',
    maxBytes: config.maxDatabaseBytes,
    attributeLimits: { valueBytes: config.maxAttributeBytes, profileBytes: config.maxProfileBytes },
    staysErased: (['live', 'sandbox'] as const).filter((each) => [each, 'all'].includes(config.stayErased)),
    checkpoints: 'elsewhere',
    onUnavailable: (reason) => queue.pause(STORE_FAILED, reason, 'growing'),
    onBackup: (file) => logger.info({ file }, 'the database was copied before its schema was upgraded'),
    onThreadFailure: (error) => logger.error({ err: error }, 'a thread of the store died; it is replaced'),
    now,
  });
  closers.push(async () => storage.close());
  const metrics = new Metrics();
  const limits = { maxRequests: config.maxBacklogRequests, maxBytes: config.maxBacklogBytes };
  const queue = new WriteQueue(storage, limits, metrics.observeBatch);
  const accessLog = config.accessLog ? startAccessLog(config, storage.file, logger, now) : NO_ACCESS_LOG;
  // Runs before the store is closed: entries of the last requests have yet to be written.
  closers.push(async () => accessLog.close());
  const core: Core & Logged = { storage, queue, now, actor: COMMAND_LINE, accessLog };
  metrics.watch(core);
  const keyUse = new KeyUse(storage, (error) =>
    logger.warn({ err: error }, 'the last use of keys could not be written'),
  );
  closers.push(async () => keyUse.close());
  const uploads = startUploads(config, storage.file);
  closers.push(async () => uploads.close());
  return { core, config, logger, metrics, keyUse, uploads, version };
}

/** Uploaded files are kept next to the database: on the watched disk, and with the same permissions. */
function startUploads(config: Config, place: StoragePlace | undefined): Uploads {
  return new Uploads(place?.uploads, {
    maxBytes: config.maxUploadBytes,
    minFreeDiskBytes: config.minFreeDiskBytes,
    idleMs: config.requestTimeoutSeconds * 1000,
  });
}

function startAccessLog(
  config: Config,
  place: StoragePlace | undefined,
  logger: pino.Logger,
  now: () => number,
): AccessLog {
  return openAccessLog(place, {
    maxBytes: config.accessLogMaxBytes,
    maxRefusedBytes: config.maxRefusedBytes,
    payloadBytes: config.accessLogPayloadBytes,
    retentionDays: config.accessLogRetentionDays,
    now,
    onNotice: ({ message, isError, ...details }) => logger[isError === true ? 'error' : 'warn'](details, message),
    onFailure: (error) => logger.error({ err: error }, "the access log's thread died; it is replaced"),
  });
}

/** The log level of a server that keeps nothing: only errors, unless more was requested. */
export function quieter(level: string): string {
  return level === 'info' ? 'warn' : level;
}

/** Resolves on SIGTERM or SIGINT. A second signal, or a stop that takes too long, ends the process at once. */
async function firstSignal(logger: pino.Logger, config: Config): Promise<void> {
  const limit = (config.shutdownDelaySeconds + config.shutdownGraceSeconds + 5) * 1000;
  return new Promise((settle) => {
    onSignal(['SIGTERM', 'SIGINT'], (signal) => {
      logger.info({ signal }, 'stopping');
      setTimeout(() => {
        logger.error('stopping took too long');
        process.exit(1);
      }, limit).unref();
      settle();
    });
  });
}
