/** The contract of `domain/storage.ts` as tests: every engine must pass all of them. */

import { describe, expect, test } from 'vitest';
import type { Storage } from '../../src/domain/storage.ts';
import { accountCases } from './conformance/accounts.ts';
import { allowedListCases } from './conformance/allowed-lists.ts';
import { attributeJobCases } from './conformance/attribute-jobs.ts';
import { audienceCases } from './conformance/audiences.ts';
import { backOfficeCases } from './conformance/back-office.ts';
import { backupCases } from './conformance/backup.ts';
import { batchCases } from './conformance/batches.ts';
import { definingUpdateCases } from './conformance/defining-updates.ts';
import { erasureCases } from './conformance/erasures.ts';
import { idempotencyCases } from './conformance/idempotency.ts';
import { membershipCases } from './conformance/memberships.ts';
import { peopleCases } from './conformance/people.ts';
import { profileCases } from './conformance/profiles.ts';
import { randomCases } from './conformance/random.ts';
import { replacementCases } from './conformance/replacement.ts';
import { upkeepCases } from './conformance/upkeep.ts';
import { problemsOf, World } from './world.ts';

/** Declares one case, which gets its own store; the store must be free of problems at the end. */
export type DeclareCase = (title: string, work: (world: World) => Promise<void>, timeoutMs?: number) => void;

/** An engine to be tested. */
export interface Engine {
  readonly name: string;
  /** Opens a new, empty store each time. */
  readonly open: () => Promise<Storage>;
  /** The number of random histories that are compared with the model. */
  readonly randomRuns: number;
  /** True for an engine that copies itself to a file; others leave that to their own tools. */
  readonly hasBackups: boolean;
}

/** Declares all cases for one engine. They use only the port. */
export function storageConformance({ name, open, randomRuns, hasBackups }: Engine): void {
  const declare: DeclareCase = (title, work, timeoutMs = 30_000) => {
    test(title, { timeout: timeoutMs }, async () => {
      const storage = await open();
      try {
        await work(await World.create(storage));
        expect(await problemsOf(storage), 'verify at the end').toEqual([]);
      } finally {
        await storage.close();
      }
    });
  };
  describe(name, () => {
    describe('profiles', () => profileCases(declare));
    describe('audiences', () => audienceCases(declare));
    describe('memberships', () => membershipCases(declare));
    describe('attribute jobs', () => attributeJobCases(declare));
    describe('batches', () => batchCases(declare));
    describe('erasures', () => erasureCases(declare));
    describe('idempotency', () => idempotencyCases(declare));
    describe('updates that define', () => definingUpdateCases(declare));
    describe('replacement', () => replacementCases(declare));
    describe('upkeep', () => upkeepCases(declare));
    describe('back office', () => backOfficeCases(declare));
    describe('accounts', () => accountCases(declare));
    describe('what people look up', () => peopleCases(declare));
    describe('allowed values', () => allowedListCases(declare));
    describe.runIf(hasBackups)('backup', () => backupCases(declare));
    describe('random commands', () => randomCases(open, randomRuns));
  });
}
