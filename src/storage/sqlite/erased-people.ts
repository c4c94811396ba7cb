/** What the writer stores of erased people: the key of their pseudonyms, and the erasures that are not finished. */

import type { Environment } from '../../domain/environment.ts';
import type { BatchChanges } from '../../domain/memberships/batch.ts';
import { type ErasedPeople, type ErasedPerson, pseudonymOf } from '../../domain/memberships/erased-people.ts';
import { environmentFromNumber, environmentToNumber, profileEnvironment } from '../sql/rows.ts';
import { type Connection, inTransaction } from './database.ts';

interface UnfinishedRow {
  profile_id: number;
  environment: number;
  integration_id: string;
}

export class SqliteErasedPeople implements ErasedPeople {
  readonly #statements;
  readonly #staying: ReadonlySet<Environment>;

  /** @param staying the environments that keep erased people out, to be stored; undefined for those that are stored */
  constructor(database: Connection, staying?: readonly Environment[]) {
    this.#statements = prepareStatements(database);
    const stored = this.#statements.staying.all().map(environmentFromNumber);
    this.#staying = new Set(staying ?? stored);
    if (staying === undefined || isSame(this.#staying, stored)) return;
    inTransaction(database, () => {
      this.#statements.clearStaying.run();
      for (const each of this.#staying) this.#statements.addStaying.run(environmentToNumber(each));
    });
  }

  staysErased(environment: Environment): boolean {
    return this.#staying.has(environment);
  }

  key(): Buffer {
    const key = this.#statements.key.get();
    if (key === undefined) throw new Error('The database lacks the key of pseudonyms');
    return key;
  }

  lastErased(environment: Environment, pseudonymStart: string): number | undefined {
    // The start ends with a colon; the next character after that is the semicolon.
    const end = `${pseudonymStart.slice(0, -1)};`;
    const number = profileEnvironment({ environment, isErased: true });
    return this.#statements.lastErased.get(number, pseudonymStart, end) ?? undefined;
  }

  unfinished(environment: Environment, integrationId: string): number | undefined {
    return this.#statements.unfinished.get(environmentToNumber(environment), integrationId) ?? undefined;
  }

  list(limit: number): ErasedPerson[] {
    return this.#statements.list.all(limit).map((row) => ({
      profileId: row.profile_id,
      environment: environmentFromNumber(row.environment),
      integrationId: row.integration_id,
    }));
  }

  finish(profileId: number): void {
    this.#statements.finish.run(profileId);
  }

  /** Records the erasures of a batch as unfinished, and removes their profiles from what Applications have seen. */
  save({ erased }: Pick<BatchChanges, 'erased'>, applications: ReadonlyMap<number, unknown>): void {
    for (const { profileId, environment, integrationId } of erased) {
      this.#statements.begin.run(profileId, environmentToNumber(environment), integrationId);
      for (const applicationId of applications.keys()) {
        const { changes } = this.#statements.disconnect.run(applicationId, profileId);
        if (changes > 0) this.#statements.countOut.run(applicationId);
      }
    }
  }
}

function isSame(one: ReadonlySet<Environment>, other: readonly Environment[]): boolean {
  return one.size === other.length && other.every((each) => one.has(each));
}

/** Makes `erased_pseudonym(key, environment, integration_id, id)` available to migrations. */
export function defineErasedPseudonym(database: Connection): void {
  database.function('erased_pseudonym', { deterministic: true }, (key, environment, integrationId, profileId) =>
    pseudonymOf(key as Buffer, {
      profileId: profileId as number,
      environment: environmentFromNumber(environment as number),
      integrationId: integrationId as string,
    }),
  );
}

function prepareStatements(database: Connection) {
  return {
    key: database.prepare<[], Buffer>('select key from erasure_key').pluck(),
    staying: database.prepare<[], number>('select environment from environments_staying_erased').pluck(),
    clearStaying: database.prepare<[]>('delete from environments_staying_erased'),
    addStaying: database.prepare<[number]>('insert into environments_staying_erased values (?)'),
    // Nothing is written to an erased profile, so that its last change is its erasure.
    lastErased: database
      .prepare<[number, string, string], number | null>(
        'select max(modified) from profiles where environment = ? and integration_id >= ? and integration_id < ?',
      )
      .pluck(),
    unfinished: database
      .prepare<[number, string], number | null>(
        'select max(profile_id) from unfinished_erasures where environment = ? and integration_id = ?',
      )
      .pluck(),
    list: database.prepare<[number], UnfinishedRow>('select * from unfinished_erasures order by profile_id limit ?'),
    begin: database.prepare<[number, number, string]>('insert into unfinished_erasures values (?, ?, ?)'),
    finish: database.prepare<[number]>('delete from unfinished_erasures where profile_id = ?'),
    disconnect: database.prepare<[number, number]>(
      'delete from application_profiles where application_id = ? and profile_id = ?',
    ),
    countOut: database.prepare<[number]>(
      'update application_profile_counts set profiles = profiles - 1 where application_id = ?',
    ),
  };
}
