/** Answers kept under idempotency keys; read and written inside the writer's transaction. */

import type { BatchChanges } from '../../domain/memberships/batch.ts';
import type { WriteCommand } from '../../domain/memberships/commands.ts';
import {
  type AnsweredProfile,
  type KeptAnswer,
  MAX_ANSWERS_BYTES,
  namedScopes,
} from '../../domain/memberships/idempotency.ts';
import type { Connection } from './database.ts';

// The measured size of an answer and of a profile in it, without content and with index entries, rounded up.
const ANSWER_BYTES = 200;
const PROFILE_BYTES = 100;

interface AnswerRow {
  id: number;
  fingerprint: Buffer;
  time: number;
  verdicts: string | null;
  reasons: string | null;
}

interface ProfileRow extends Omit<AnsweredProfile, 'content'> {
  content: string | null;
}

export class SqliteIdempotentAnswers {
  readonly #maxBytes: number;
  readonly #statements;

  /** @param maxBytes the space for all answers */
  constructor(database: Connection, maxBytes = MAX_ANSWERS_BYTES) {
    this.#maxBytes = maxBytes;
    this.#statements = prepareStatements(database);
  }

  /** The answers kept for the keys of the commands, by scope. */
  load(commands: readonly WriteCommand[]): Map<string, KeptAnswer> {
    const answers = new Map<string, KeptAnswer>();
    for (const scope of namedScopes(commands)) {
      const row = this.#statements.find.get(Buffer.from(scope, 'hex'));
      if (row === undefined) continue;
      const profiles = this.#statements.profiles
        .all(row.id)
        .map(({ content, ...profile }) => ({ ...profile, content: content ?? undefined }));
      const answer = { fingerprint: row.fingerprint.toString('hex'), time: row.time, profiles };
      const { verdicts: rows, reasons } = row;
      answers.set(scope, rows === null ? answer : { ...answer, verdicts: { rows, reasons: reasons ?? undefined } });
    }
    return answers;
  }

  /**
   * Removes erased profiles from kept answers, and keeps the new answers, removing the oldest to make room for them.
   */
  save({ answers, forgottenInAnswers }: Pick<BatchChanges, 'answers' | 'forgottenInAnswers'>): void {
    for (const profileId of forgottenInAnswers) this.#statements.forgetContent.run(profileId);
    if (forgottenInAnswers.size > 0) this.#statements.forgetReasons.run();
    if (answers.size === 0) return;
    let growth = 0;
    for (const [scope, answer] of answers) growth += this.#replace(Buffer.from(scope, 'hex'), answer);
    let size = this.#statements.resize.get(growth) ?? 0;
    while (size > this.#maxBytes) {
      const [oldest] = this.#statements.oldest.all(1);
      if (oldest === undefined) break;
      size = this.#statements.resize.get(-this.#remove(oldest.id).bytes) ?? 0;
    }
  }

  /**
   * Removes the oldest answers of requests applied before a time, in ms since the epoch, until so many rows are gone.
   * @returns whether there may be more
   */
  forget(before: number, rows: number): boolean {
    let removed = 0;
    let freed = 0;
    const old = this.#statements.oldest.all(rows).filter(({ time }) => time < before);
    for (const { id } of old) {
      if (removed >= rows) break;
      const { bytes, profiles } = this.#remove(id);
      removed += 1 + profiles;
      freed += bytes;
    }
    if (removed > 0) this.#statements.resize.get(-freed);
    return removed >= rows;
  }

  /** @returns by how many bytes the total has grown */
  #replace(scope: Buffer, { fingerprint, time, profiles, verdicts }: KeptAnswer): number {
    const past = this.#statements.find.get(scope);
    const freed = past === undefined ? 0 : this.#remove(past.id).bytes;
    let bytes = ANSWER_BYTES;
    for (const { content } of profiles) bytes += PROFILE_BYTES + Buffer.byteLength(content ?? '');
    const { rows = null, reasons = null } = verdicts ?? {};
    bytes += Buffer.byteLength(rows ?? '') + Buffer.byteLength(reasons ?? '');
    const { lastInsertRowid } = this.#statements.insert.run(
      scope,
      Buffer.from(fingerprint, 'hex'),
      time,
      bytes,
      rows,
      reasons,
    );
    const answerId = Number(lastInsertRowid);
    for (const [place, { id, created, lastActivity, content }] of profiles.entries()) {
      this.#statements.insertProfile.run(answerId, place, id, created, lastActivity, content ?? null);
    }
    return bytes - freed;
  }

  /** @returns its size in bytes, and the number of its profiles */
  #remove(id: number): { bytes: number; profiles: number } {
    const { changes: profiles } = this.#statements.removeProfiles.run(id);
    return { bytes: this.#statements.remove.get(id) ?? 0, profiles };
  }
}

function prepareStatements(database: Connection) {
  return {
    find: database.prepare<[Buffer], AnswerRow>(
      'select id, fingerprint, time, verdicts, reasons from idempotent_answers where scope = ?',
    ),
    profiles: database.prepare<[number], ProfileRow>(`
      select profile_id as id, created, last_activity as lastActivity, content
      from idempotent_answer_profiles where answer_id = ? order by place`),
    oldest: database.prepare<[number], { id: number; time: number }>(
      'select id, time from idempotent_answers order by time, id limit ?',
    ),
    insert: database.prepare<[Buffer, Buffer, number, number, string | null, string | null]>(`
      insert into idempotent_answers (scope, fingerprint, time, bytes, verdicts, reasons) values (?, ?, ?, ?, ?, ?)`),
    forgetReasons: database.prepare<[]>('update idempotent_answers set reasons = null where reasons is not null'),
    insertProfile: database.prepare<[number, number, number, number, number, string | null]>(
      'insert into idempotent_answer_profiles values (?, ?, ?, ?, ?, ?)',
    ),
    remove: database.prepare<[number], number>('delete from idempotent_answers where id = ? returning bytes').pluck(),
    removeProfiles: database.prepare<[number]>('delete from idempotent_answer_profiles where answer_id = ?'),
    forgetContent: database.prepare<[number]>(
      'update idempotent_answer_profiles set content = null where profile_id = ? and content is not null',
    ),
    resize: database
      .prepare<[number], number>('update idempotent_answers_size set bytes = bytes + ? returning bytes')
      .pluck(),
  };
}
