/** Audiences as the writer saves them: their definitions, and the member sets that are no longer used. */

import { integrationKey } from '../../domain/definitions/audiences.ts';
import type { AudienceDraft } from '../../domain/memberships/batch.ts';
import { environmentToNumber } from '../sql/rows.ts';
import type { Connection } from './database.ts';

export class SqliteAudienceRows {
  readonly #saveAudience;
  readonly #burySet;

  constructor(database: Connection) {
    this.#saveAudience = database.prepare(`
      insert into audiences (
        id, environment, name, description, integration, integration_key, integration_id, created_in_third_party,
        application_ids, member_set, staged_set, created, modified, deleted, version)
      values (
        $id, $environment, $name, $description, $integration, $integrationKey, $integrationId, $createdInThirdParty,
        $applicationIds, $memberSet, $stagedSet, $created, $modified, $deleted, $version)
      on conflict (id) do update set
        name = excluded.name, description = excluded.description, application_ids = excluded.application_ids,
        member_set = excluded.member_set, staged_set = excluded.staged_set, modified = excluded.modified,
        deleted = excluded.deleted, version = excluded.version`);
    this.#burySet = database.prepare<[number]>('insert into dead_sets values (?) on conflict do nothing');
  }

  /** @param version the new version of the catalog; `now` in ms since the epoch */
  save({ audience, deleted }: AudienceDraft, version: number, now: number): void {
    const { integration, integrationId } = audience;
    this.#saveAudience.run({
      id: audience.id,
      environment: environmentToNumber(audience.environment),
      name: audience.name,
      description: audience.description,
      integration: integration ?? null,
      // IDs without a platform are unique among each other, too.
      integrationKey:
        integrationId === undefined && integration === undefined ? null : integrationKey(integration ?? ''),
      integrationId: integrationId ?? null,
      createdInThirdParty: audience.createdInThirdParty ? 1 : 0,
      applicationIds: JSON.stringify(audience.applicationIds),
      memberSet: audience.memberSet,
      stagedSet: deleted ? null : (audience.stagedSet ?? null),
      created: audience.created,
      modified: audience.modified,
      deleted: deleted ? now : null,
      version,
    });
  }

  /** Marks a set whose rows may be purged. */
  bury(set: number): void {
    this.#burySet.run(set);
  }
}
