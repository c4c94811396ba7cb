/** The command line of the benchmark. */

import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { TARGETS } from './figure.ts';
import type { WorldSize } from './world.ts';

export interface Settings {
  readonly quick: boolean;
  readonly rounds: number;
  /** Rounds of what takes long. */
  readonly longRounds: number;
  /** Length of a turn. */
  readonly seconds: number;
  /** Sizes of the stores, the smallest first. */
  readonly stores: readonly WorldSize[];
  /** Folder of a store of ten million profiles, which is kept; undefined to do without. */
  readonly scale: string | undefined;
  readonly connections: number;
  /** Members of an imported list. */
  readonly members: number;
  /** Figures to measure, by ID or its part before `-`; all if empty. */
  readonly only: readonly string[];
  /** File for the result as JSON. */
  readonly out: string;
  readonly writeDocs: boolean;
}

export const SCALE: WorldSize = { profiles: 10_000_000, membershipsPerProfile: 10 };

export const USAGE = `Usage: npm run bench -- [options]
  --quick               fewer and shorter rounds, and smaller data: three minutes on a quiet machine
  --only ID,ID…         only these figures, such as B1,B3
  --rounds NUMBER       turns of each side (default: 5; 3 with --quick)
  --seconds NUMBER      length of a turn (default: 5; 2 with --quick)
  --profiles NUMBER,…   profiles in each store (default: 100000,1000000; 100000 with --quick)
  --members NUMBER      members of an imported list (default: 1000000; 200000 with --quick)
  --connections NUMBER  concurrent requests to single profiles (default: 64)
  --scale FOLDER        also measures ten million profiles with a hundred million memberships. They are loaded through
                        the API into this folder and kept; an interrupted load goes on where it was
  --out FILE            file for the result (default: bench-results/latest.json)
  --write-docs          writes docs/performance.md and its charts from the result
  --help
`;

const LATEST = fileURLToPath(new URL('../bench-results/latest.json', import.meta.url));

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new RangeError(`--${name} must be a number above 0, not '${text}'`);
  return value;
}

function figuresIn(list: string): string[] {
  const chosen = list.split(',').filter((each) => each !== '');
  const known = Object.values(TARGETS).flatMap(({ id }) => [id, id.split('-')[0]]);
  const unknown = chosen.find((each) => !known.includes(each));
  if (unknown !== undefined) throw new RangeError(`--only: there is no figure '${unknown}'`);
  return chosen;
}

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
      members: { type: 'string' },
      connections: { type: 'string', default: '64' },
      scale: { type: 'string' },
      out: { type: 'string', default: LATEST },
      'write-docs': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const { quick } = values;
  const rounds = positive('rounds', values.rounds ?? (quick ? '3' : '5'));
  const profiles = (values.profiles ?? (quick ? '100000' : '100000,1000000')).split(',');
  const sizes = profiles.map((each) => ({ profiles: positive('profiles', each), membershipsPerProfile: 5 }));
  return {
    quick,
    rounds,
    longRounds: quick ? 1 : Math.min(3, rounds),
    seconds: positive('seconds', values.seconds ?? (quick ? '2' : '5')),
    stores: sizes.toSorted((one, other) => one.profiles - other.profiles),
    scale: values.scale === undefined ? undefined : resolve(values.scale),
    connections: positive('connections', values.connections),
    members: positive('members', values.members ?? (quick ? '200000' : '1000000')),
    only: figuresIn(values.only),
    out: values.out,
    writeDocs: values['write-docs'],
  };
}

/** Whether any of these figures is wanted. */
export function wants({ only }: Settings, ...ids: readonly string[]): boolean {
  return only.length === 0 || ids.some((id) => only.includes(id) || only.includes(id.split('-')[0] ?? ''));
}
