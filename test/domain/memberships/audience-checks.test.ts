/** The audiences of a write: which are unknown, what the refusal shows and advises, and which IDs are taken. */

import { describe, expect, it } from 'vitest';
import type { Application } from '../../../src/domain/definitions/applications.ts';
import { DomainError, type Problem } from '../../../src/domain/errors.ts';
import {
  AudienceResolver,
  distinctNamed,
  findNamed,
  renamedByCreation,
  requireApplications,
  requireAudience,
  requireFreeIntegrationId,
  requireMemberships,
  requireNamedAudiences,
  resolveAudiences,
} from '../../../src/domain/memberships/audience-checks.ts';
import type { AudienceRef } from '../../../src/domain/memberships/commands.ts';
import { audience, caller, catalogOf, creation, PLATFORM, update } from './batch-state.ts';

const LONG = 'x'.repeat(101);
const FITS = 'y'.repeat(100);

const catalog = catalogOf(
  audience(1),
  audience(2),
  audience(3, { integration: 'Other', integrationId: 'elsewhere' }),
  audience(4, { integration: 'Third', integrationId: 'elsewhere' }),
  audience(5, { integration: 'Fourth', integrationId: 'elsewhere' }),
  audience(6, { integration: 'Fifth', integrationId: 'elsewhere' }),
  audience(7, { integration: undefined, integrationId: undefined, name: 'By hand' }),
  audience(8, { environment: 'sandbox' }),
  audience(9, { integrationId: '4711' }),
  audience(10, { integration: '', integrationId: '815' }),
  audience(11, { integration: 'Other', integrationId: LONG }),
  audience(12, { integration: 'Other', integrationId: FITS }),
);
for (const [id, environment] of [
  [7, 'live'],
  [8, 'sandbox'],
] as const) {
  catalog.putApplication({ id, environment, name: `${id}` } as Application);
}

function refusal(work: () => unknown): { code: string; problems: readonly Problem[] } {
  try {
    work();
  } catch (error) {
    if (error instanceof DomainError) return { code: error.code, problems: error.problems };
    throw error;
  }
  throw new Error('nothing was refused');
}

const item = (adds: AudienceRef[], deletes: AudienceRef[] = []) => ({ integrationId: 'ada', adds, deletes });

describe('an unknown audience', () => {
  const BY_NUMBER = 'there is no audience with that ID';
  const BY_ID = 'there is no audience with that audienceId under this platform name';
  const rows: [AudienceRef, string, string, string][] = [
    [99, PLATFORM, 'Audience 99 not found', BY_NUMBER],
    [8, PLATFORM, 'Audience 8 not found', BY_NUMBER],
    [4711, PLATFORM, "Audience 4711 not found ('4711' is the audienceId of audience 9; send 9 here)", BY_NUMBER],
    ['nobody', PLATFORM, `Audience 'nobody' not found for '${PLATFORM}'`, BY_ID],
    ['a8', PLATFORM, `Audience 'a8' not found for '${PLATFORM}'`, BY_ID],
    [
      'elsewhere',
      PLATFORM,
      `Audience 'elsewhere' not found for '${PLATFORM}' ('elsewhere' exists under 'Other', 'Third', 'Fourth'; check customer-data-platform-name)`,
      BY_ID,
    ],
    [
      'a1',
      'segment',
      `Audience 'a1' not found for 'segment' ('a1' exists under '${PLATFORM}'; this operation takes the audiences of 'segment' only)`,
      BY_ID,
    ],
    [
      '1',
      PLATFORM,
      `Audience '1' not found for '${PLATFORM}' (1 is the internal ID of 'a1'; this operation takes audienceId)`,
      BY_ID,
    ],
    [
      '12',
      PLATFORM,
      `Audience '12' not found for '${PLATFORM}' (12 is the internal ID of '${FITS}'; this operation takes audienceId)`,
      BY_ID,
    ],
    [
      '7',
      PLATFORM,
      `Audience '7' not found for '${PLATFORM}' (7 is the internal ID of 'By hand', which has no external ID; use an operation that takes internal IDs)`,
      BY_ID,
    ],
    ...['01', '1.0', '+1', ' 1', '1 ', '1x', 'x1', '8', '1'.repeat(17)].map(
      (ref): [AudienceRef, string, string, string] => [
        ref,
        PLATFORM,
        `Audience '${ref}' not found for '${PLATFORM}'`,
        BY_ID,
      ],
    ),
    [
      LONG,
      PLATFORM,
      `Audience '${'x'.repeat(100)}…' not found for '${PLATFORM}' ('${'x'.repeat(100)}…' exists under 'Other'; check customer-data-platform-name)`,
      BY_ID,
    ],
    [
      FITS,
      PLATFORM,
      `Audience '${FITS}' not found for '${PLATFORM}' ('${FITS}' exists under 'Other'; check customer-data-platform-name)`,
      BY_ID,
    ],
  ];
  it.each(rows)('%s of %s is refused with a remedy if the mistake is evident', (ref, integration, message, cause) => {
    expect(refusal(() => resolveAudiences(catalog, caller(), integration, [item([ref])]))).toEqual({
      code: 'not_found',
      problems: [{ title: 'not found', message, cause, audience: ref, rows: [0] }],
    });
  });

  it('is refused with the first ten items that name it, in adds or deletes', () => {
    const items = [
      item(['a1']),
      item(['nobody'], ['a2']),
      item(['a1'], ['nobody']),
      item(['nobody'], ['nobody']),
      ...Array.from({ length: 9 }, () => item([], ['nobody', 99])),
    ];
    const { problems } = refusal(() => resolveAudiences(catalog, caller(), PLATFORM, items));
    expect(problems.map(({ audience: ref, rows: places }) => [ref, places])).toEqual([
      ['nobody', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
      [99, [4, 5, 6, 7, 8, 9, 10, 11, 12]],
    ]);
  });

  it('is one of up to ten in a refusal', () => {
    const refs = Array.from({ length: 11 }, (_, index) => `unknown ${index}`);
    for (const work of [
      () => resolveAudiences(catalog, caller(), PLATFORM, [item(refs)]),
      () => new AudienceResolver(catalog, caller(), PLATFORM).requireAll(item(refs)),
    ]) {
      expect(refusal(work).problems.map((each) => each.audience)).toEqual(refs.slice(0, 10));
    }
  });

  it('is reported for its own item only, once, and without a row', () => {
    const resolver = new AudienceResolver(catalog, caller(), PLATFORM);
    expect(resolver.requireAll(item(['a1', 2], [1]))).toBe(true);
    const { code, problems } = refusal(() => resolver.requireAll(item(['a1', 'nobody'], ['nobody', 99])));
    expect(code).toBe('not_found');
    expect(problems.map((each) => each.audience)).toEqual(['nobody', 99]);
    expect(problems.every((each) => !('rows' in each))).toBe(true);
    expect(resolver.requireAll(item(['a2'], []))).toBe(true);
    expect(resolver.requireAll(item([], []))).toBe(true);
  });
});

describe('a known audience', () => {
  it('is found by its number or its ID, and once found stays the same', () => {
    const changing = catalogOf(audience(1));
    const resolver = resolveAudiences(changing, caller(), PLATFORM, [item(['a1'], [1])]);
    changing.putAudience(audience(1, { name: 'Renamed' }));
    expect(resolver.find('a1')?.name).toBe('Audience 1');
    expect(resolver.find(1)?.name).toBe('Audience 1');
    expect(new AudienceResolver(changing, caller(), PLATFORM).find(1)?.name).toBe('Renamed');
  });

  it('belongs to the environment of the caller', () => {
    const resolver = new AudienceResolver(catalog, caller({ environment: 'sandbox' }), PLATFORM);
    expect([8, 'a8', 1, 'a1'].map((ref) => resolver.find(ref)?.id)).toEqual([8, 8, undefined, undefined]);
  });
});

describe('the audience of a command', () => {
  const targets: [{ audienceId: number } | { integration: string; integrationId: string }, number][] = [
    [{ audienceId: 7 }, 7],
    [{ integration: PLATFORM, integrationId: 'a2' }, 2],
    [{ integration: '', integrationId: '815' }, 10],
  ];
  it.each(targets)('%j is audience %i', (target, id) => {
    expect(requireAudience(catalog, { caller: caller(), target }).id).toBe(id);
  });

  const unknown: [(typeof targets)[number][0], string][] = [
    [{ audienceId: 8 }, 'Audience 8 not found'],
    [{ audienceId: 4711 }, 'Audience 4711 not found'],
    [{ audienceId: 815 }, "Audience 815 not found ('815' is the audienceId of audience 10; send 10 here)"],
    [{ integration: PLATFORM, integrationId: 'nobody' }, `Audience 'nobody' not found for '${PLATFORM}'`],
  ];
  it.each(unknown)('%j is refused', (target, message) => {
    const { code, problems } = refusal(() => requireAudience(catalog, { caller: caller(), target }));
    expect(code).toBe('not_found');
    expect(problems.map((each) => [each.message, each.rows])).toEqual([[message, undefined]]);
  });
});

describe('audiences that a write may create', () => {
  const named = (ref: string, newId = ref, name = ref) => ({ ref, newId, name });
  const renaming = (...audiences: ReturnType<typeof named>[]) => ({ audiences, renames: true });

  it('are found by the reference, or else by the ID of a new one', () => {
    const find = (ref: string, newId: string) => findNamed(catalog, 'live', PLATFORM, named(ref, newId))?.id;
    expect(find('a1', 'a2')).toBe(1);
    expect(find('new', 'a2')).toBe(2);
    expect(find('new', 'new')).toBeUndefined();
    expect(find('a8', 'new')).toBeUndefined();
  });

  it('need not exist, but others do', () => {
    const allowed = renaming(named('new'), named('also', 'a2'));
    const resolver = resolveAudiences(catalog, caller(), PLATFORM, [item(['new', 'also', 'a1'])], allowed);
    expect(['new', 'also', 'a1'].map((ref) => resolver.find(ref)?.id)).toEqual([undefined, 2, 1]);
    const { problems } = refusal(() =>
      resolveAudiences(catalog, caller(), PLATFORM, [item(['new', 'other'])], allowed),
    );
    expect(problems.map((each) => each.audience)).toEqual(['other']);
  });

  it('are listed once each, the first of two with one identity', () => {
    const audiences = [
      named('a1', 'a1', 'One'),
      named('x', 'new', 'New'),
      named('y', 'a1', 'One'),
      named('z', 'new', 'N'),
    ];
    expect(distinctNamed(catalog, 'live', PLATFORM, { audiences, renames: false })).toEqual(audiences.slice(0, 2));
    expect(distinctNamed(catalog, 'live', PLATFORM, renaming(...audiences.slice(0, 3)))).toHaveLength(2);
  });

  const clashes: [string, string, string, string][] = [
    ['One', 'Two', "'One'", "'Two'"],
    [FITS, LONG, `'${FITS}'`, `'${'x'.repeat(100)}…'`],
  ];
  it.each(clashes)('cannot be two names of one: %s', (first, second, shown, other) => {
    const audiences = renaming(named('x', LONG, first), named('y', LONG, second));
    const refused = {
      code: 'invalid',
      problems: [
        {
          title: 'Invalid value',
          message: `Audiences ${shown} and ${other} would both have the ID '${'x'.repeat(100)}' (give each an integrationId of its own)`,
          cause: 'two audiences of a request would have the same ID',
        },
      ],
    };
    expect(refusal(() => distinctNamed(catalog, 'live', PLATFORM, audiences))).toEqual(refused);
    const one = update('ada', { named: audiences });
    expect(refusal(() => requireNamedAudiences(catalog, one))).toEqual(refused);
    const many = { integration: PLATFORM, items: [], named: audiences };
    expect(refusal(() => requireMemberships(catalog, caller(), many))).toEqual(refused);
  });
});

describe('an update of a profile', () => {
  it('needs every audience that it adds, deletes or only names', () => {
    for (const names of [{ adds: ['nobody'] }, { deletes: ['nobody'] }, { onlyChecked: ['nobody'] }]) {
      const { problems } = refusal(() => requireNamedAudiences(catalog, update('ada', names)));
      expect(problems.map((each) => each.audience)).toEqual(['nobody']);
    }
    requireNamedAudiences(catalog, update('ada', { adds: ['a1'], deletes: [2], onlyChecked: ['4711'] }));
    requireMemberships(catalog, caller(), { integration: PLATFORM, items: [{ ...item(['a1']), item: 0 }] });
  });
});

describe('the Applications of an audience', () => {
  it('are those of its environment', () => {
    requireApplications(catalog, caller(), undefined);
    requireApplications(catalog, caller(), [7, 7]);
    for (const id of [8, 9]) {
      expect(refusal(() => requireApplications(catalog, caller(), [7, id]))).toEqual({
        code: 'not_found',
        problems: [
          {
            title: 'not found',
            message: `Application ${id} not found in the live environment`,
            source: { pointer: '/subscribedApplicationsIds/1' },
          },
        ],
      });
    }
  });
});

describe('the ID of a new audience', () => {
  const taken = { integration: PLATFORM, integrationId: 'a1' };

  it('must be free under its platform in its environment', () => {
    expect(refusal(() => requireFreeIntegrationId(catalog, creation({ target: taken })))).toEqual({
      code: 'conflict',
      problems: [
        {
          title: 'conflict',
          message: "Audience 'a1' already exists",
          cause: 'the audienceId is taken under this platform name',
        },
      ],
    });
    for (const free of [
      creation({ target: undefined }),
      creation({ target: { ...taken, integration: 'Other' } }),
      creation({ target: { ...taken, integrationId: 'a8' } }),
      creation({ target: taken, caller: caller({ environment: 'sandbox' }) }),
      creation({ target: taken, renames: true }),
    ]) {
      requireFreeIntegrationId(catalog, free);
    }
  });

  it('names the audience to rename where the creation renames', () => {
    const renamed = (more: Parameters<typeof creation>[0]) => renamedByCreation(catalog, creation(more))?.id;
    expect(renamed({ target: taken, renames: true })).toBe(1);
    expect(renamed({ target: taken, renames: false })).toBeUndefined();
    expect(renamed({ target: taken })).toBeUndefined();
    expect(renamed({ target: undefined, renames: true })).toBeUndefined();
    expect(renamed({ target: { ...taken, integrationId: 'new' }, renames: true })).toBeUndefined();
  });
});
