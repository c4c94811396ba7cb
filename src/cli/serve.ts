/** `rollcall serve`: the server, its jobs, and what it prints. */

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { Logger } from 'pino';
import { type Config, ConfigError, DEFAULT_DATABASE, type Flags, readConfig } from '../config.ts';
import type { Core } from '../domain/core.ts';
import { listApplications } from '../domain/definitions/lookups.ts';
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
export async function serve(flags: Flags, options: ServeOptions): Promise<number> {
  const config = readServeConfig(flags, options);
  const { ephemeral, testControls } = options;
  const level = ephemeral ? quieter(config.logLevel) : config.logLevel;
  const run = testControls ? startUnderTest : ephemeral ? startEphemeral : start;
  return runUntilSignal(config, level, async (logger, closers) => run(config, logger, closers));
}

export interface ServeOptions {
  /** Keeps everything in memory. */
  readonly ephemeral: boolean;
  /** Lets a test control the server; needs `ephemeral`. */
  readonly testControls: boolean;
}

/** @throws ConfigError */
function readServeConfig(flags: Flags, { ephemeral, testControls }: ServeOptions): Config {
  if (testControls && !ephemeral) {
    throw new ConfigError('--test-controls: only with --ephemeral, since a test may change and remove everything');
  }
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
async function start(config: Config, logger: Logger, closers: Closers): Promise<void> {
  await assertCanListen(config);
  const { core, server } = await startParts(config, config.database, logger, closers);
  const file = core.storage.file;
  if (file === undefined) throw new Error('Only a server that keeps its data has a first run');
  const facts = { config, url: server.url, databaseFile: resolve(file.path), now: core.now() };
  const secretsFile = process.stdout.isTTY ? undefined : join(file.folder, 'first-run.txt');
  const isFirst = await setUpFirstRun(core, config, secretsFile, async (firstRun) =>
    show(bannerText({ ...facts, firstRun })),
  );
  server.ready();
  if (!isFirst) await show(bannerText({ ...facts, firstRun: undefined }));
  await show(listeningLine(server.url));
}

/** The same in memory. */
async function startEphemeral(config: Config, logger: Logger, closers: Closers): Promise<void> {
  await assertCanListen(config);
  const { core, server } = await startParts(config, MEMORY_URL, logger, closers);
  const setUp = await setUpEphemeral(core);
  server.ready();
  await show(`${JSON.stringify({ url: config.publicUrl ?? server.url, ...setUp })}\n`);
}

/** The same with the test controls, which no other server loads. */
async function startUnderTest(config: Config, logger: Logger, closers: Closers): Promise<void> {
  const { startControlled, NO_EXPIRY } = await import('../embedded/controlled-server.ts');
  const { url, token, setUp } = await startControlled(config, logger, closers, async (core, controls) => {
    const made = await setUpEphemeral(core, NO_EXPIRY);
    controls.name({ keys: made.keys, ...(await labelsOf(core)) });
    return made;
  });
  await show(`${JSON.stringify({ url: config.publicUrl ?? url, ...setUp, testControlsToken: token })}\n`);
}

async function startParts(config: Config, databaseUrl: string, logger: Logger, closers: Closers) {
  const parts = await wireParts(config, databaseUrl, logger, closers);
  const jobs = startJobs(parts.core, config, logger);
  closers.push(async () => jobs.stop());
  const server = await startServer(parts);
  closers.push(async () => server.stop());
  return { core: parts.core, server };
}

/** Numbers of the objects that the first run of an ephemeral server creates, by name. */
async function labelsOf(core: Core) {
  const numbers = (list: readonly { readonly name: string; readonly id: number }[]): Record<string, number> =>
    Object.fromEntries(list.map(({ name, id }) => [name, id]));
  return { applications: numbers(await listApplications(core)) };
}

/** Prints a line; a reader that is gone does not matter. */
async function show(text: string): Promise<void> {
  await print(text).catch(() => undefined);
}
