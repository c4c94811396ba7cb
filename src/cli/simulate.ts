/** `rollcall simulate` */

import { ConfigError, readSimulateKey } from '../config.ts';
import { simulate } from '../simulate/simulate.ts';
import { Interruption, onSignal } from './interruption.ts';
import { readSecretFromInput } from './secret-input.ts';

export interface RunSimulateOptions {
  readonly url: string;
  readonly profiles: number;
  readonly audiences: number;
  readonly concurrency: number;
  readonly changes?: number;
  readonly seed: number;
  readonly platformName?: string;
  readonly json?: boolean;
}

export async function runSimulate(options: RunSimulateOptions): Promise<number> {
  const key = readSimulateKey() ?? (await readSecretFromInput('the API key'))?.trim();
  if (key === undefined || key === '') {
    throw new ConfigError('pass an API key of platform customer_data in ROLLCALL_KEY or on standard input');
  }
  const stop = new AbortController();
  const ignore = onSignal(['SIGINT', 'SIGTERM', 'SIGHUP'], () => stop.abort());
  const { url, profiles, audiences, concurrency, changes, seed, platformName } = options;
  try {
    const report = await simulate(
      { url, key, profiles, audiences, concurrency, changes, seed, platformName, json: options.json ?? false },
      { out: process.stdout, err: process.stderr, isTerminal: process.stderr.isTTY, signal: stop.signal },
    );
    if (report.aborted) throw new Interruption('what was sent stays on the server');
    return report.ok ? 0 : 1;
  } finally {
    ignore();
  }
}
