/**
 * Who gathers a list that is to replace another. A claim ends with the process that holds it, however that ends: the
 * list of a killed process is known to be abandoned without consulting a clock.
 */

import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { unavailable } from '../../domain/errors.ts';
import { isUnderWay } from '../../domain/staging.ts';
import { keepChecksums } from './checksums.ts';
import { type Connection, inTransaction, MEMORY } from './database.ts';
import { isHeld, WorkFolder } from './work-folder.ts';

/** What a staged list is for, in the names of claims. */
export type StagedKind = 'members' | 'values';

export class StagingClaims {
  readonly #path: string;
  readonly #held = new Map<string, WorkFolder>();

  constructor(database: Connection) {
    this.#path = database.name;
  }

  /**
   * @param id ID of the staged set or list. @throws DomainError `unavailable` when nothing can be written next to the
   * database
   */
  claim(kind: StagedKind, id: number): void {
    if (this.#path === MEMORY) return;
    try {
      this.#held.set(`${kind}-${id}`, WorkFolder.create(claimPath(this.#path, kind, id)));
    } catch (error) {
      const problem = unavailable('Nothing can be written next to the database at the moment; nothing was stored', 5);
      problem.cause = error;
      throw problem;
    }
  }

  release(kind: StagedKind, id: number): void {
    this.#held.get(`${kind}-${id}`)?.remove();
    this.#held.delete(`${kind}-${id}`);
  }

  /**
   * Reports whether somebody is still gathering a staged list.
   * @param movedAt when it last grew, and `now`, in ms since the epoch
   */
  isUnderWay(kind: StagedKind, id: number, movedAt: number, now: number): boolean {
    return isUnderWay(movedAt, now, () => this.#path === MEMORY || isClaimed(this.#path, kind, id));
  }
}

function claimPath(path: string, kind: StagedKind, id: number): string {
  return `${path}.${kind}-${id}`;
}

function isClaimed(path: string, kind: StagedKind, id: number): boolean {
  const start = `${basename(claimPath(path, kind, id))}.`;
  return readdirSync(dirname(path)).some((name) => name.startsWith(start) && isHeld(join(dirname(path), name)));
}

/** Ends imports whose process is gone, so that none is reported as in progress. */
export function endDeadImports(database: Connection, path: string): void {
  const staged = [
    ['members', 'select staged_set from audiences where staged_set is not null'],
    ['values', 'select staged_list from attributes where staged_list is not null'],
  ] as const;
  const deadOf = (kind: StagedKind, sql: string): number[] =>
    database
      .prepare<[], number>(sql)
      .pluck()
      .all()
      .filter((id) => !isClaimed(path, kind, id));
  const [sets, lists] = staged.map(([kind, sql]) => deadOf(kind, sql));
  if (sets?.length === 0 && lists?.length === 0) return;
  keepChecksums(database);
  inTransaction(database, () => {
    for (const set of sets ?? []) {
      database.prepare('insert into dead_sets values (?) on conflict do nothing').run(set);
      database.exec('update catalog_version set version = version + 1');
      database
        .prepare(`
          update audiences set staged_set = null, staged_at = null, version = (select version from catalog_version)
          where staged_set = ?`)
        .run(set);
    }
    for (const list of lists ?? []) {
      database.prepare('insert into dead_allowed_lists values (?) on conflict do nothing').run(list);
      database.prepare('update attributes set staged_list = null, staged_at = null where staged_list = ?').run(list);
    }
  });
}
