/** Starts the home-made version on a PostgreSQL server of its own, with the data that Rollcall has. */

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type PostgresServer, postgresMissing, startPostgres } from '../../test/storage/postgres-server.ts';
import { startProgram } from '../processes/child.ts';
import type { World } from '../world.ts';

const FOLDER = fileURLToPath(new URL('./home-made', import.meta.url));

export interface HomeMade {
  readonly port: number;
  readonly audienceIds: readonly number[];
  stop(): Promise<void>;
}

/** Why it cannot be started; undefined if it can. */
export function homeMadeMissing(): string | undefined {
  if (!existsSync(`${FOLDER}/node_modules/express`)) return 'its packages are not installed';
  try {
    return postgresMissing();
  } catch (error) {
    return (error as Error).message;
  }
}

export async function startHomeMade({ size, audienceIds, cdpKey, genericKey }: World): Promise<HomeMade> {
  const postgres: PostgresServer = await startPostgres({ durable: true });
  try {
    const { profiles, membershipsPerProfile } = size;
    const numbers = [profiles, membershipsPerProfile, audienceIds.length].map(String);
    const program = await startProgram({
      command: process.execPath,
      args: [`${FOLDER}/server.mjs`, await postgres.createDatabase(), ...numbers, cdpKey, genericKey],
      ready: /listening on (http\S+)\n/,
      env: { NODE_ENV: 'production' },
    });
    return {
      port: Number(new URL(program.told[1] ?? '').port),
      audienceIds: audienceIds.map((_, index) => index + 1),
      async stop() {
        await program.stop();
        await postgres.stop();
      },
    };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}
