/** Whether a candidate from the value index has the wanted values. */

import { expect, it } from 'vitest';
import { hasValues } from '../../../src/domain/memberships/search.ts';

const tier = { attributeId: 1, name: 'Tier', type: 'string', value: 'gold' } as const;
const visits = { attributeId: 2, name: 'Visits', type: 'number', value: 2 } as const;

it.each([
  [{ Tier: 'gold', Visits: 2 }, true],
  [{ Tier: 'gold', Visits: 3 }, false],
  [{ Tier: 'Gold', Visits: 2 }, false],
  [{ Tier: 'gold' }, false],
  [{}, false],
])('of %j: %s', (attributes, expected) => {
  expect(hasValues({ attributes }, [tier, visits])).toBe(expected);
});

it('takes no value from what every object inherits', () => {
  const inherited = { attributeId: 3, name: 'toString', type: 'string', value: 'x' } as const;
  expect(hasValues({ attributes: {} }, [inherited])).toBe(false);
  expect(hasValues({ attributes: { toString: 'x' } }, [inherited])).toBe(true);
});
