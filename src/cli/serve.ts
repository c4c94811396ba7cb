/** `rollcall serve`: the server, its jobs, and what it prints. */

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { Logger } from 'pino';
import { type Config, ConfigError, DEFAULT_DATABASE, type Flags, readConfig } from '../config.ts';
import { assertCanListen, startServer } from '../http/server.ts';
import { startJobs } from '../jobs/jobs.ts';
import { MEMORY_URL } from '../storage/index.ts';
import { bannerText, listeningLine } from './banner.ts';
import { setUpEphemeral, setUpFirstRun } from './first-run.ts';
import { print } from './output.ts';
import { type Closers, quieter, runUntilSignal, wireParts } from './running.ts';

/**
 * Serves until SIGTERM or SIGINT.
 * @returns the exit code
 */
export async function serve(flags: Flags, options: { ephemeral: boolean }): Promise<number> {
  const config = readServeConfig(flags, options.ephemeral);
  const level = options.ephemeral ? quieter(config.logLevel) : config.logLevel;
  return runUntilSignal(config, level, async (logger, closers) => start(config, options.ephemeral, logger, closers));
}

/** @throws ConfigError */
function readServeConfig(flags: Flags, ephemeral: boolean): Config {
  if (ephemeral && flags.database !== undefined) {
    throw new ConfigError('--ephemeral keeps everything in memory; leave out --database');
  }
  // Nothing is kept, so it does not matter which database the environment names.
  const config = readConfig(ephemeral ? { ...flags, database: DEFAULT_DATABASE } : flags);
  checkCertificate(config);
  return config;
}

/** @throws ConfigError when the two files are not a certificate and its key */
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

/** Starts everything; adds to `closers` whatever must be taken down, as soon as it is up. */
async function start(config: Config, ephemeral: boolean, logger: Logger, closers: Closers): Promise<void> {
  await assertCanListen(config);
  const databaseUrl = ephemeral ? MEMORY_URL : config.database;
  const parts = await wireParts(config, databaseUrl, logger, closers);
  const { core } = parts;
  const jobs = startJobs(core, config, logger);
  closers.push(async () => jobs.stop());
  const server = await startServer(parts);
  closers.push(async () => server.stop());

  const file = core.storage.file;
  if (file === undefined) {
    const setUp = await setUpEphemeral(core);
    server.ready();
    await show(`${JSON.stringify({ url: config.publicUrl ?? server.url, ...setUp })}\n`);
    return;
  }
  const facts = { config, url: server.url, databaseFile: resolve(file.path), now: core.now() };
  const secretsFile = process.stdout.isTTY ? undefined : join(file.folder, 'first-run.txt');
  const isFirst = await setUpFirstRun(core, config, secretsFile, async (firstRun) =>
    show(bannerText({ ...facts, firstRun })),
  );
  server.ready();
  if (!isFirst) await show(bannerText({ ...facts, firstRun: undefined }));
  await show(listeningLine(server.url));
}

/** Prints a line; a reader that is gone does not matter. */
async function show(text: string): Promise<void> {
  await print(text).catch(() => undefined);
}
