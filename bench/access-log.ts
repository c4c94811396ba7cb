/** The cost of the access log: single-profile updates per second with it, divided by the rate without it. */

import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { LoadResult, LoadTask } from './load.ts';
import { type BenchServer, startBenchServer } from './server.ts';

const LOAD = fileURLToPath(new URL('./load.ts', import.meta.url));
const WARM_UP_SECONDS = 3;

export interface Settings {
  readonly rounds: number;
  readonly seconds: number;
  readonly profiles: number;
  readonly connections: number;
}

export interface Figure {
  readonly name: string;
  readonly title: string;
  readonly must: number;
  readonly ratio: number;
  readonly rounds: readonly object[];
}

async function load(task: LoadTask): Promise<LoadResult> {
  const child = spawn(process.execPath, [LOAD], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(task));
  const result = JSON.parse(await text(child.stdout)) as LoadResult;
  if (result.failures > 0) throw new Error(`${result.failures} requests were refused`);
  return result;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

/** Runs both servers in parallel and loads them in turn; the order alternates from round to round. */
export async function accessLogFigure(settings: Settings, say: (line: string) => void): Promise<Figure> {
  const { rounds, seconds, profiles, connections } = settings;
  say(`access log: ${rounds} rounds of ${seconds} s each way, ${profiles} profiles, ${connections} connections`);
  const servers: Record<'on' | 'off', BenchServer> = {
    on: await startBenchServer(profiles, { ROLLCALL_ACCESS_LOG: 'true' }),
    off: await startBenchServer(profiles, { ROLLCALL_ACCESS_LOG: 'false' }),
  };
  const measure = async (which: 'on' | 'off', forSeconds: number, seed: number): Promise<LoadResult> => {
    const { port, key, audienceIds } = servers[which];
    return load({ port, key, audienceIds, profiles, connections, seconds: forSeconds, seed });
  };
  const told: object[] = [];
  const ratios: number[] = [];
  try {
    for (const which of ['on', 'off'] as const) await measure(which, WARM_UP_SECONDS, 1);
    say('| round | on, requests/s | off, requests/s | ratio | on, p99 ms | off, p99 ms |\n|---|---|---|---|---|---|');
    for (let round = 1; round <= rounds; round += 1) {
      const order = round % 2 === 1 ? (['on', 'off'] as const) : (['off', 'on'] as const);
      const results: Partial<Record<'on' | 'off', LoadResult>> = {};
      for (const which of order) results[which] = await measure(which, seconds, round + 1);
      const { on, off } = results as Record<'on' | 'off', LoadResult>;
      const ratio = on.requests / on.seconds / (off.requests / off.seconds);
      ratios.push(ratio);
      told.push({ round, on, off, ratio });
      const rate = ({ requests, seconds: took }: LoadResult): string => (requests / took).toFixed(0);
      say(
        `| ${round} | ${rate(on)} | ${rate(off)} | ${ratio.toFixed(3)} | ${on.p99.toFixed(1)} | ${off.p99.toFixed(1)} |`,
      );
    }
  } finally {
    await Promise.all(Object.values(servers).map(async (server) => server.stop()));
  }
  const title = 'Profile updates per second, access log on ÷ off';
  return { name: 'accessLog', title, must: 0.9, ratio: Number(median(ratios).toFixed(3)), rounds: told };
}
