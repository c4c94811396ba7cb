/** `rollcall demo`: an in-memory server with thirty days of a retailer's history. */

import type { Logger } from 'pino';
import { type Config, readConfig, readOne } from '../config.ts';
import { headersOf, profileAudiences, type Send } from '../demo/calls.ts';
import { type Stage, senderOf } from '../demo/stage.ts';
import { STORY_DAYS } from '../demo/story.ts';
import { StoryClock } from '../demo/story-clock.ts';
import { trickle } from '../demo/trickle.ts';
import { assertCanListen, startServer } from '../http/server.ts';
import { startJobs } from '../jobs/jobs.ts';
import { MEMORY_URL } from '../storage/index.ts';
import { version } from '../version.ts';
import { callable, listeningLine } from './banner.ts';
import { Interruption } from './interruption.ts';
import { livePast } from './live-past.ts';
import { print, shellQuote, toJsonText } from './output.ts';
import { type Closers, quieter, runUntilSignal, type ServerParts, wireParts } from './running.ts';

export interface DemoOptions {
  readonly host?: string;
  readonly port?: string;
  readonly seed: number;
  readonly still?: boolean;
  readonly json?: boolean;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Serves the demo until SIGTERM or SIGINT. @returns the exit code */
export async function demo(options: DemoOptions): Promise<number> {
  const config = readDemoConfig(options);
  return runUntilSignal(config, quieter(config.logLevel), async (logger, closers, signalled) =>
    start(config, options, logger, closers, signalled),
  );
}

/** Only the address is configurable: any other setting might change the story. @throws ConfigError */
function readDemoConfig({ host, port }: DemoOptions): Config {
  const publicUrl = readOne('publicUrl');
  return readConfig(
    {
      host: readOne('host', host),
      port: String(readOne('port', port)),
      logLevel: readOne('logLevel'),
      ...(publicUrl === undefined ? {} : { publicUrl }),
    },
    {},
  );
}

async function start(
  config: Config,
  options: DemoOptions,
  logger: Logger,
  closers: Closers,
  signalled: AbortSignal,
): Promise<void> {
  // Checked before the story is played, not after.
  await assertCanListen(config);
  const end = Date.now();
  const clock = new StoryClock(end - STORY_DAYS * DAY_MS);
  const parts = await wireParts(config, MEMORY_URL, logger, closers, clock.now);
  const progress = showProgress();
  const onDay = (day: number): void => {
    if (signalled.aborted) {
      progress.end();
      throw new Interruption('nothing is kept');
    }
    progress.day(day);
  };
  const stage = await livePast(parts, clock, { end, seed: options.seed, onDay });
  progress.end();
  await serveStory(parts, stage, options, closers);
}

/**
 * Serves a story that was played, and prints how to reach it.
 * @param closers gets whatever must be taken down
 */
export async function serveStory(
  parts: ServerParts,
  stage: Stage,
  options: Pick<DemoOptions, 'still' | 'json'>,
  closers: Closers,
): Promise<void> {
  const { config, logger } = parts;
  const jobs = startJobs(parts.core, config, logger);
  closers.push(async () => jobs.stop());
  const server = await startServer(parts);
  closers.push(async () => server.stop());
  server.ready();

  const own = callable(server.url);
  if (options.still !== true) closers.push(keepSending(stage, own));
  const base = config.publicUrl ?? own;
  await print(options.json === true ? jsonText(stage, base) : welcomeText(stage, base, server.url)).catch(
    () => undefined,
  );
}

/** Sends a trickle of requests to the running server. @returns a function that stops it */
function keepSending(stage: Stage, base: string): () => Promise<void> {
  const stopping = new AbortController();
  const send: Send = async (call) => {
    const response = await fetch(base + call.path, {
      method: call.method,
      headers: headersOf(call),
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      signal: stopping.signal,
    });
    return { status: response.status, body: await response.text() };
  };
  const running = trickle({ ...stage, send }, stopping.signal);
  return async () => {
    stopping.abort();
    await running;
  };
}

interface Progress {
  day(this: void, day: number): void;
  end(this: void): void;
}

/** Progress: one redrawn line on a terminal, single lines elsewhere. */
function showProgress(): Progress {
  const { stderr } = process;
  if (!stderr.isTTY) {
    stderr.write('Playing thirty days of a retailer …\n');
    return { day: () => undefined, end: () => undefined };
  }
  return {
    day: (day) => stderr.write(`\rPlaying day ${day} of ${STORY_DAYS} …\u001b[K`),
    end: () => stderr.write('\r\u001b[K'),
  };
}

function accountOf({ cast }: Stage, name: 'maya' | 'jonas'): { email: string; password: string } {
  const found = cast.users.get(name);
  if (found === undefined) throw new Error(`The story left out ${name}`);
  return { email: found.user.email, password: found.password };
}

function jsonText(stage: Stage, base: string): string {
  const keys = Object.fromEntries([...stage.cast.senders].map(([name, { key }]) => [name, key]));
  const [admin, readOnly] = [accountOf(stage, 'maya'), accountOf(stage, 'jonas')];
  return `${toJsonText({ url: base, admin, readOnly, keys })}\n`;
}

function welcomeText(stage: Stage, base: string, url: string): string {
  const [admin, readOnly] = [accountOf(stage, 'maya'), accountOf(stage, 'jonas')];
  const { key, platform } = senderOf(stage, 'cdp');
  const call = profileAudiences(senderOf(stage, 'cdp'), 'ada', ['newsletter'], []);
  const curl = [
    `curl -X ${call.method} ${shellQuote(base + call.path)} -H 'Authorization: ApiKey-v1 ${key}'`,
    `-H 'customer-data-platform-name: ${platform}' -H 'Content-Type: application/json'`,
    `-d ${shellQuote(JSON.stringify(call.body))}`,
  ].join(' ');
  const lines = [
    `Rollcall ${version} demo: thirty days of Northwind, a retailer. Everything is in memory; nothing is kept.`,
    `  console    ${base}/console/`,
    `  admin      ${admin.email}  password ${admin.password}`,
    `  read-only  ${readOnly.email}  password ${readOnly.password}`,
    `  docs       ${base}/docs`,
    '',
    'Add somebody to an audience and watch the request arrive under Activity:',
    '',
    `  ${curl}`,
  ];
  return `${lines.join('\n')}\n${listeningLine(url)}`;
}
