/** What a change of an attribute results in, and which imported lists it discards. */

import { describe, expect, it } from 'vitest';
import {
  abandonedList,
  changeAttribute,
  importStates,
  requireStagedList,
  takeOverList,
} from '../../../src/domain/definitions/attribute-changes.ts';
import type { Attribute, AttributeChange } from '../../../src/domain/definitions/attributes.ts';

const CHANGEABLE: AttributeChange = {
  description: '',
  suggestions: ['gold'],
  restrictedBySuggestions: true,
  hasAllowedList: true,
  applicationIds: [1],
  details: {},
};
const TIER: Attribute = {
  ...CHANGEABLE,
  id: 4,
  entity: 'CustomerProfile',
  name: 'Tier',
  title: 'Tier',
  type: 'string',
  allowedList: 7,
  editable: true,
  created: 1000,
};

describe('a change of an attribute', () => {
  it('is none when everything is as it was', () => {
    expect(changeAttribute(TIER, { ...CHANGEABLE })).toBeUndefined();
  });

  it.each([
    { description: 'x' },
    { suggestions: [] },
    { restrictedBySuggestions: false },
    { applicationIds: [] },
    { details: { eventType: 'x' } },
  ])('keeps the imported list and what is not changed: %j', (change) => {
    const after = changeAttribute(TIER, { ...CHANGEABLE, ...change });
    expect(after).toEqual({ ...TIER, ...change });
    expect(abandonedList(TIER, after ?? TIER)).toBeUndefined();
  });

  it('drops the imported list with the wish for one, and does not bring it back', () => {
    const without = changeAttribute(TIER, { ...CHANGEABLE, hasAllowedList: false }) as Attribute;
    expect(without).toEqual({ ...TIER, hasAllowedList: false, allowedList: undefined });
    expect(abandonedList(TIER, without)).toBe(7);
    const again = changeAttribute(without, CHANGEABLE) as Attribute;
    expect(again.allowedList).toBeUndefined();
    expect(abandonedList(without, again)).toBeUndefined();
  });

  it('discards the previous list when another takes effect', () => {
    expect(abandonedList(TIER, { ...TIER, allowedList: 8 })).toBe(7);
    expect(abandonedList({ ...TIER, allowedList: undefined }, TIER)).toBeUndefined();
  });
});

describe('an import of allowed values', () => {
  it('takes over only what nobody is collecting any more', () => {
    expect(takeOverList(4, undefined)).toBeUndefined();
    expect(takeOverList(4, { list: 9, isUnderWay: false })).toBe(9);
    expect(() => takeOverList(4, { list: 9, isUnderWay: true })).toThrow(
      'Another import of values for attribute 4 is in progress',
    );
  });

  it('continues only while its list is the one being collected', () => {
    expect(() => requireStagedList(4, 9, 9)).not.toThrow();
    for (const staged of [undefined, 10]) {
      expect(() => requireStagedList(4, staged, 9)).toThrow('was abandoned and taken over by another');
    }
  });

  it('is audited with the number of values, and with warnings where there are any', () => {
    const after = { ...TIER, allowedList: 8 };
    const states = importStates(TIER, after, 3, { repeated: 2 });
    expect(states.old).toMatchObject({ allowedList: 7 });
    expect(states.old).not.toHaveProperty('allowedValues');
    expect(states.new).toMatchObject({ allowedList: 8, allowedValues: 3, warnings: { repeated: 2 } });
    expect(importStates(TIER, after, 3, {}).new).not.toHaveProperty('warnings');
  });
});
