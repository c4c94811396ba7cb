/** Starts the constant route in its own process, with answers that the real server gave. */

import { fileURLToPath } from 'node:url';
import { type Program, startProgram } from '../processes/child.ts';

const MAIN = fileURLToPath(new URL('./constant.ts', import.meta.url));

/** The bodies it answers with, for an update and for a read. */
export interface ConstantAnswers {
  readonly state: unknown;
  readonly audiences: unknown;
}

export interface ConstantRoute {
  readonly pid: number;
  readonly port: number;
  readonly answers: ConstantAnswers;
  stop(): Promise<void>;
}

export async function startConstantRoute(answers: ConstantAnswers): Promise<ConstantRoute> {
  const program: Program = await startProgram({
    command: process.execPath,
    args: [MAIN],
    ready: /listening on (http\S+)\n/,
    input: JSON.stringify(answers),
  });
  const { port } = new URL(program.told[1] ?? '');
  return { pid: program.pid, port: Number(port), answers, stop: async () => program.stop() };
}
