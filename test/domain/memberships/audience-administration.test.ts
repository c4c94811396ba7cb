/** Changes of audiences as commands: what is sent to the queue for each, and which refusals are taken for success. */

import { describe, expect, it } from 'vitest';
import { DomainError } from '../../../src/domain/errors.ts';
import {
  createAudience,
  createAudienceByHand,
  createAudienceFor,
  createOrRenameAudience,
  deleteAudienceIfKnown,
} from '../../../src/domain/memberships/audience-administration.ts';
import { listAttributeJobs, setAudienceAttributes } from '../../../src/domain/memberships/audience-attributes.ts';
import type { CreateAudience } from '../../../src/domain/memberships/commands.ts';
import type { WriteOperation } from '../../../src/domain/memberships/queue.ts';
import { caller, PLATFORM } from './batch-state.ts';
import { recordedWrites, refused } from './recorded-writes.ts';

const BY = caller();
const target = { integration: PLATFORM, integrationId: 'new' };

describe('a creation', () => {
  const details = { description: '', applicationIds: [], createdInThirdParty: false };
  const cases: [string, (core: WriteOperation) => Promise<unknown>, Partial<CreateAudience>][] = [
    ['by a platform', async (core) => createAudience(core, BY, { ...target, name: 'New' }), { target }],
    [
      'that may rename',
      async (core) => createOrRenameAudience(core, BY, { ...target, name: 'New' }),
      { target, renames: true },
    ],
    ['by hand', async (core) => createAudienceByHand(core, BY, { name: 'New' }), { target: undefined, details }],
    [
      'by hand for a platform',
      async (core) => createAudienceByHand(core, BY, { name: 'New', ...target, description: 'd' }),
      { target, details: { ...details, description: 'd' } },
    ],
    [
      'by an application, without an ID',
      async (core) => createAudienceFor(core, BY, { name: 'New', integration: PLATFORM, createdInThirdParty: true }),
      {
        target: undefined,
        details: { description: '', integration: PLATFORM, applicationIds: undefined, createdInThirdParty: true },
      },
    ],
    [
      'by an application, without a platform',
      async (core) => createAudienceFor(core, BY, { name: 'New', integrationId: 'x', createdInThirdParty: false }),
      {
        target: { integration: '', integrationId: 'x' },
        details: { description: '', integration: undefined, applicationIds: undefined, createdInThirdParty: false },
      },
    ],
  ];
  it.each(cases)('%s is one command', async (_, create, sent) => {
    const { core, commands } = recordedWrites();
    expect(await create(core)).toBe('createAudience');
    expect(commands).toEqual([{ kind: 'createAudience', caller: BY, name: 'New', details: undefined, ...sent }]);
  });
});

describe('a deletion of an audience that may be unknown', () => {
  it('deletes it if it is known', async () => {
    const { core, commands } = recordedWrites();
    await deleteAudienceIfKnown(core, BY, { audienceId: 1 });
    expect(commands).toEqual([{ kind: 'deleteAudience', caller: BY, target: { audienceId: 1 } }]);
  });

  it('is done if it is unknown, before the queue or after it', async () => {
    const { core, commands } = recordedWrites(() => refused(new DomainError('not_found', 'gone meanwhile')));
    await deleteAudienceIfKnown(core, BY, { audienceId: 99 });
    expect(commands).toEqual([]);
    await deleteAudienceIfKnown(core, BY, { audienceId: 1 });
    expect(commands).toHaveLength(1);
  });

  it('fails otherwise', async () => {
    const { core } = recordedWrites(() => refused(new DomainError('unavailable', 'full')));
    await expect(deleteAudienceIfKnown(core, BY, { audienceId: 1 })).rejects.toMatchObject({ code: 'unavailable' });
    const broken = recordedWrites(() => ({ failure: 'not_found' })).core;
    await expect(deleteAudienceIfKnown(broken, BY, { audienceId: 1 })).rejects.toThrow('not_found');
  });
});

describe('attributes of all members', () => {
  it('are one command', async () => {
    const { core, commands } = recordedWrites();
    const change = { attributes: { Tier: 'gold', Visits: null }, skipUndefinedAttributes: true };
    await setAudienceAttributes(core, BY, { audienceId: 1 }, change);
    expect(commands).toEqual([{ kind: 'setAudienceAttributes', caller: BY, target: { audienceId: 1 }, ...change }]);
  });

  it('are listed as jobs', async () => {
    const browse = { listAttributeJobs: async (...asked: unknown[]) => asked };
    expect(await listAttributeJobs({ storage: { browse } } as never, 7, 20)).toEqual([7, 20]);
  });
});
