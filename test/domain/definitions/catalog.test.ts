/** The catalog: its indexes stay correct through every change, and no look-up crosses environments. */

import { describe, expect, it } from 'vitest';
import type { Attribute } from '../../../src/domain/definitions/attributes.ts';
import type { Audience } from '../../../src/domain/definitions/audiences.ts';
import { Catalog } from '../../../src/domain/definitions/catalog.ts';

function audience(id: number, more: Partial<Audience> = {}): Audience {
  return {
    id,
    environment: 'live',
    name: `Audience ${id}`,
    description: '',
    integration: 'mParticle',
    integrationId: `external-${id}`,
    createdInThirdParty: true,
    applicationIds: [1],
    memberSet: id * 10,
    stagedSet: undefined,
    created: 0,
    modified: 0,
    ...more,
  };
}

function catalogOf(...audiences: Audience[]): Catalog {
  const catalog = new Catalog();
  for (const each of audiences) catalog.putAudience(each);
  return catalog;
}

describe('external IDs', () => {
  it('are exact and case-sensitive; platform names are neither', () => {
    const catalog = catalogOf(audience(1));
    for (const platform of ['mParticle', ' MPARTICLE ', 'mparticle']) {
      expect(catalog.audienceByIntegrationId('live', platform, 'external-1')?.id).toBe(1);
    }
    expect(catalog.audienceByIntegrationId('live', 'mParticle', 'External-1')).toBeUndefined();
    expect(catalog.audienceByIntegrationId('live', 'Segment', 'external-1')).toBeUndefined();
  });

  it('name different audiences in different environments and platforms', () => {
    const catalog = catalogOf(
      audience(1, { integrationId: 'vip' }),
      audience(2, { integrationId: 'vip', environment: 'sandbox' }),
      audience(3, { integrationId: 'vip', integration: 'Segment' }),
    );
    expect(catalog.audienceByIntegrationId('live', 'mparticle', 'vip')?.id).toBe(1);
    expect(catalog.audienceByIntegrationId('sandbox', 'mparticle', 'vip')?.id).toBe(2);
    expect(catalog.audienceByIntegrationId('live', 'segment', 'vip')?.id).toBe(3);
    expect(catalog.otherPlatformsUsing('live', 'vip').sort()).toEqual(['Segment', 'mParticle']);
    expect(catalog.otherPlatformsUsing('sandbox', 'vip')).toEqual(['mParticle']);
  });

  it('may look like names of the machinery', () => {
    const names = ['__proto__', 'constructor', 'live:x', ''];
    const catalog = catalogOf(...names.map((integrationId, index) => audience(index + 1, { integrationId })));
    for (const [index, name] of names.entries()) {
      expect(catalog.audienceByIntegrationId('live', 'mparticle', name)?.id).toBe(index + 1);
    }
    expect(catalog.audienceByIntegrationId('live', 'mparticle', 'toString')).toBeUndefined();
  });

  it('can be given to another audience, whichever change arrives first', () => {
    const catalog = catalogOf(audience(1, { integrationId: 'vip' }));
    catalog.putAudience(audience(2, { integrationId: 'vip' }));
    catalog.removeAudience(1);
    expect(catalog.audienceByIntegrationId('live', 'mparticle', 'vip')?.id).toBe(2);
    expect(catalog.audience(1)).toBeUndefined();
  });
});

describe('audiences of no platform', () => {
  it('have a namespace of their own', () => {
    const catalog = catalogOf(audience(1, { integration: undefined }), audience(2, { integrationId: undefined }));
    expect(catalog.audienceByIntegrationId('live', '', 'external-1')?.id).toBe(1);
    expect(catalog.audienceByIntegrationId('live', 'mparticle', 'undefined')).toBeUndefined();
    expect(catalog.otherPlatformsUsing('live', 'external-1')).toEqual([]);
    catalog.removeAudience(1);
    catalog.removeAudience(2);
    expect(catalog.audienceByIntegrationId('live', '', 'external-1')).toBeUndefined();
    expect([...catalog.audiences()]).toEqual([]);
  });
});

describe('attributes', () => {
  const attribute = (id: number, more: Partial<Attribute> = {}): Attribute => ({
    id,
    entity: 'CustomerProfile',
    name: `Attribute${id}`,
    title: `Attribute ${id}`,
    type: 'string',
    description: '',
    suggestions: [],
    restrictedBySuggestions: false,
    hasAllowedList: false,
    allowedList: undefined,
    editable: true,
    applicationIds: [],
    details: {},
    created: 0,
    ...more,
  });

  it('are all there by number, and those of profiles by name', () => {
    const catalog = new Catalog();
    catalog.putAttribute(attribute(1));
    catalog.putAttribute(attribute(2, { entity: 'Event' }));
    expect([...catalog.allAttributes()].map(({ id }) => id)).toEqual([1, 2]);
    expect([1, 2, 3].map((id) => catalog.attribute(id)?.id)).toEqual([1, 2, undefined]);
    expect([...catalog.attributes.keys()]).toEqual(['Attribute1']);
  });

  it('are seen by the Applications they apply to', () => {
    const catalog = new Catalog();
    catalog.putAttribute(attribute(1, { applicationIds: [7] }));
    expect(catalog.attributeFor('Attribute1', 7)?.id).toBe(1);
    expect(catalog.attributeFor('Attribute1', 8)).toBeUndefined();
    expect(catalog.attributeFor('Attribute2', 7)).toBeUndefined();
  });

  it('with an imported list are noticed', () => {
    const catalog = new Catalog();
    catalog.putAttribute(attribute(1));
    expect(catalog.hasClosedLists).toBe(false);
    catalog.putAttribute(attribute(1, { allowedList: 3 }));
    expect(catalog.hasClosedLists).toBe(true);
  });
});

describe('internal numbers', () => {
  it('are found in their own environment only', () => {
    const catalog = catalogOf(audience(1), audience(2, { environment: 'sandbox' }));
    expect(catalog.audienceIn('live', 1)?.id).toBe(1);
    expect(catalog.audienceIn('live', 2)).toBeUndefined();
    expect(catalog.audienceIn('sandbox', 2)?.id).toBe(2);
  });
});

describe('member sets', () => {
  it('follow the audience when its set is exchanged', () => {
    const catalog = catalogOf(audience(1, { memberSet: 10, stagedSet: 11 }));
    expect([10, 11, 12].map((set) => catalog.isSetInUse(set))).toEqual([true, true, false]);
    expect(catalog.audiencesOfSets([10, 11])).toHaveLength(1);
    catalog.putAudience(audience(1, { memberSet: 11 }));
    expect([10, 11].map((set) => catalog.isSetInUse(set))).toEqual([false, true]);
    expect(catalog.audienceOfSet(10)).toBeUndefined();
    expect(catalog.audienceOfSet(11)?.id).toBe(1);
    expect(catalog.audienceCount).toBe(1);
  });

  it('that were staged are free when the audience goes', () => {
    const catalog = catalogOf(audience(1, { memberSet: 10, stagedSet: 11 }), audience(2, { memberSet: 20 }));
    catalog.removeAudience(1);
    catalog.removeAudience(2);
    expect([10, 11, 20].map((set) => catalog.isSetInUse(set))).toEqual([false, false, false]);
  });

  it('yield audiences by number, whatever their order; dead ones are left out', () => {
    const catalog = catalogOf(audience(3), audience(1), audience(2));
    catalog.removeAudience(2);
    catalog.removeAudience(99);
    expect(catalog.audiencesOfSets([30, 20, 10]).map(({ id }) => id)).toEqual([1, 3]);
  });
});
