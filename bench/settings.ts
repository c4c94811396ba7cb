/** The command line of the benchmark. */

import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

export interface Settings {
  readonly rounds: number;
  /** Length of a turn. */
  readonly seconds: number;
  readonly profiles: number;
  readonly connections: number;
  /** Figures to measure, by ID or its part before `-`; all if empty. */
  readonly only: readonly string[];
  /** File for the result as JSON. */
  readonly out: string;
}

export const USAGE = `Usage: npm run bench -- [options]
  --quick               fewer and shorter rounds and smaller data: three minutes
  --only ID,ID…         only these figures, such as B1,B3
  --rounds NUMBER       turns of each side (default: 5; 3 with --quick)
  --seconds NUMBER      length of a turn (default: 5; 2 with --quick)
  --profiles NUMBER     profiles in the smaller store (default: 100000)
  --connections NUMBER  concurrent requests in B1 and B3 (default: 64)
  --out FILE            file for the result (default: bench-results/latest.json)
  --help
`;

const LATEST = fileURLToPath(new URL('../bench-results/latest.json', import.meta.url));

/** @returns undefined if only help is wanted @throws TypeError or RangeError for what it does not understand */
export function readSettings(args: readonly string[]): Settings | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      profiles: { type: 'string' },
      connections: { type: 'string' },
      out: { type: 'string', default: LATEST },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const number = (name: 'rounds' | 'seconds' | 'profiles' | 'connections', fallback: number): number => {
    const value = Number(values[name] ?? fallback);
    if (!(value > 0)) throw new RangeError(`--${name} must be a number above 0, not '${values[name]}'`);
    return value;
  };
  return {
    rounds: number('rounds', values.quick ? 3 : 5),
    seconds: number('seconds', values.quick ? 2 : 5),
    profiles: number('profiles', 100_000),
    connections: number('connections', 64),
    only: values.only.split(',').filter((each) => each !== ''),
    out: values.out,
  };
}

/** Whether any of these figures is wanted. */
export function wants({ only }: Settings, ...ids: readonly string[]): boolean {
  return only.length === 0 || ids.some((id) => only.includes(id) || only.includes(id.split('-')[0] ?? ''));
}
