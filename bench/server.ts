/**
 * A server to be measured: the built program in its own process, on its own database, filled with what the load needs.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../bin/rollcall.js', import.meta.url));
const AUDIENCES = 50;
const PER_CALL = 1000;

export interface BenchServer {
  readonly port: number;
  readonly key: string;
  readonly audienceIds: readonly number[];
  readonly child: ChildProcess;
  stop(): Promise<void>;
}

/** Starts the server and fills it with profiles `p0`, `p1`, … and 50 audiences. */
export async function startBenchServer(profiles: number, env: Readonly<Record<string, string>>): Promise<BenchServer> {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-bench-'));
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('ROLLCALL_'));
  const child = spawn(
    process.execPath,
    [PROGRAM, 'serve', '--port', '0', '--database', `sqlite:${join(folder, 'bench.db')}`, '--log-level', 'warn'],
    { env: { ...Object.fromEntries(own), ...env }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const url = await new Promise<string>((resolve, reject) => {
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const listening = /listening on (http\S+)\n/.exec(output)?.[1];
      if (listening !== undefined) resolve(listening);
    });
    child.once('exit', (code) => reject(new Error(`the server exited with ${code}\n${output}`)));
  });
  const key = /^key: (\S+)$/m.exec(readFileSync(join(folder, 'first-run.txt'), 'utf8'))?.[1] ?? '';

  async function call(method: string, path: string, body: object): Promise<unknown> {
    const answer = await fetch(url + path, {
      method,
      headers: { Authorization: `ApiKey-v1 ${key}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? undefined : answer.json();
  }

  const audienceIds: number[] = [];
  for (let index = 0; index < AUDIENCES; index += 1) {
    const created = await call('POST', '/cdp/audiences', {
      audienceId: `a${index}`,
      audienceName: `Audience ${index}`,
    });
    audienceIds.push((created as { id: number }).id);
  }
  for (let first = 0; first < profiles; first += PER_CALL) {
    const data = Array.from({ length: Math.min(PER_CALL, profiles - first) }, (_, index) => ({
      customerProfileId: `p${first + index}`,
    }));
    await call('PUT', '/cdp/customer_profiles/audiences', { data });
  }
  return {
    port: Number(new URL(url).port),
    key,
    audienceIds,
    child,
    async stop() {
      child.removeAllListeners('exit');
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
