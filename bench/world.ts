/**
 * A server with data: profiles `p0`, `p1`, … in fifty audiences, and fifty empty audiences for bulk calls. The data is
 * sent through the API, and can be kept in a folder and loaded further after an interruption.
 */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runLoad } from './load/run.ts';
import { type BenchServer, runCommand, startServer } from './processes/server.ts';
import { HousekeepingWaits } from './waits.ts';

const AUDIENCES = 50;
const FILL_CONNECTIONS = 4;
const FILL_STEP = 500_000;

export interface WorldSize {
  readonly profiles: number;
  readonly membershipsPerProfile: number;
}

/** What is kept beside the database. */
interface Note {
  readonly size: WorldSize;
  readonly cdpKey: string;
  readonly genericKey: string;
  readonly audienceIds: readonly number[];
  /** The profiles that are loaded. */
  loaded: number;
  loadSeconds: number;
  /** The bulk calls made so far, by connection: every other pass takes out what the one before put in. */
  cursors: readonly number[];
}

export interface World {
  readonly size: WorldSize;
  readonly folder: string;
  readonly server: BenchServer;
  readonly cdpKey: string;
  readonly genericKey: string;
  readonly audienceIds: readonly number[];
  /** Audiences for bulk calls, by the platform's ID. */
  readonly bulkAudiences: readonly string[];
  /** Seconds spent on loading the data through the API. */
  readonly loadSeconds: number;
  readonly cursors: readonly number[];
  /** Those of all servers that ran on the data. */
  readonly waits: HousekeepingWaits;
  /** Counts bulk calls, in order that the next ones change something. */
  advance(answered: readonly number[]): void;
  /** Kills the server and starts another one on the data, with what the log of the database then contains. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

const BULK_AUDIENCES = Array.from({ length: AUDIENCES }, (_, index) => `bulk-${index}`);

async function createKey(folder: string, name: string, platform: string): Promise<string> {
  const expires = new Date(Date.now() + 365 * 86_400_000).toISOString().slice(0, 10);
  const args = ['key', 'create', '--name', name, '--expires', expires, '--platform', platform];
  return (await runCommand(folder, args)).trim();
}

/** Creates the keys and audiences. */
async function define(folder: string, size: WorldSize): Promise<Note> {
  const server = await startServer(folder);
  const cdpKey = await createKey(folder, 'bench', 'customer_data');
  const genericKey = await createKey(folder, 'bench reads', 'none');
  const create = async (audienceId: string): Promise<number> => {
    const body = { audienceId, audienceName: `Audience ${audienceId}` };
    return ((await server.call('POST', '/cdp/audiences', cdpKey, body)) as { id: number }).id;
  };
  const audienceIds: number[] = [];
  for (let index = 0; index < AUDIENCES; index += 1) audienceIds.push(await create(`audience-${index}`));
  for (const each of BULK_AUDIENCES) await create(each);
  await server.stop();
  return { size, cdpKey, genericKey, audienceIds, loaded: 0, loadSeconds: 0, cursors: [] };
}

async function load(server: BenchServer, note: Note, save: () => void, say: (line: string) => void): Promise<void> {
  const { profiles, membershipsPerProfile } = note.size;
  while (note.loaded < profiles) {
    const to = Math.min(profiles, note.loaded + FILL_STEP);
    const { seconds } = await runLoad({
      port: server.port,
      connections: FILL_CONNECTIONS,
      work: {
        kind: 'fill',
        key: note.cdpKey,
        audienceIds: note.audienceIds,
        fill: { from: note.loaded, to, memberships: membershipsPerProfile },
      },
    });
    const rate = ((to - note.loaded) * membershipsPerProfile) / seconds;
    note.loaded = to;
    note.loadSeconds += seconds;
    save();
    say(`  ${to.toLocaleString('en')} of ${profiles.toLocaleString('en')} profiles, ${Math.round(rate)} memberships/s`);
  }
}

/** Opens the data in a folder, or loads it, and starts a server on it that has not done anything yet. */
export async function openWorld(
  folder: string,
  size: WorldSize,
  say: (line: string) => void,
  env: Readonly<Record<string, string>> = {},
): Promise<World> {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'bench.json');
  const note = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Note) : await define(folder, size);
  if (note.size.profiles !== size.profiles || note.size.membershipsPerProfile !== size.membershipsPerProfile) {
    throw new Error(`${folder} contains other data: ${JSON.stringify(note.size)}`);
  }
  const save = (): void => writeFileSync(file, JSON.stringify(note));
  save();
  const waits = new HousekeepingWaits();
  let server = await startServer(folder, env);
  if (note.loaded < size.profiles) {
    await load(server, note, save, say);
    waits.add(await server.metrics());
    // What loading left in memory is not part of any figure.
    await server.stop();
    server = await startServer(folder, env);
  }
  return {
    size,
    folder,
    cdpKey: note.cdpKey,
    genericKey: note.genericKey,
    audienceIds: note.audienceIds,
    bulkAudiences: BULK_AUDIENCES,
    loadSeconds: note.loadSeconds,
    waits,
    get server() {
      return server;
    },
    get cursors() {
      return note.cursors;
    },
    advance(answered) {
      note.cursors = answered.map((each, connection) => each + (note.cursors[connection] ?? 0));
      save();
    },
    async crash() {
      waits.add(await server.metrics());
      await server.stop('SIGKILL');
      server = await startServer(folder, env);
    },
    async stop() {
      waits.add(await server.metrics());
      await server.stop();
    },
  };
}
