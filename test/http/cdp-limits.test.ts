/** The limits of one request, each at its boundary and one beyond. */

import { describe } from 'vitest';
import { BULK_PATHS, bulk, OPERATIONS } from './membership-operations.ts';
import { runScenarios, type Scenario, state } from './scenario.ts';

const AUDIENCES = { gold: 'Gold', news: 'News' };

const repeat = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

const limits: Scenario[] = OPERATIONS.flatMap(({ title, ids, single, send }): Scenario[] => {
  const id = ids === 'numbers' ? '{#gold}' : '{gold}';
  const bad = ids === 'numbers' ? 999_999_990 : '{nowhere}';
  return [
    {
      name: `${title}: 1000 entries, both sides together, repeated ones counted`,
      given: { audiences: AUDIENCES },
      request: send({ adds: repeat(600, id), deletes: repeat(400, id) }),
      status: single ? 200 : 204,
      after: { ada: { in: [] } },
    },
    {
      name: `${title}: 1001 entries, told before unknown audiences are`,
      given: { audiences: AUDIENCES },
      request: send({ adds: [...repeat(600, id), bad], deletes: repeat(400, id) }),
      status: 400,
      error: 'adds and deletes contain 1001 entries; at most 1000 per request',
      after: { ada: 'unknown' },
    },
  ];
});

const bulkLimits: Scenario[] = [
  ...BULK_PATHS.flatMap((path): Scenario[] => [
    {
      name: `${path}: 1000 items`,
      request: bulk(repeat(1000, { customerProfileId: '{ada}' }), path),
      status: 204,
      after: { ada: { in: [] } },
    },
    {
      name: `${path}: 1001 items`,
      request: bulk(repeat(1001, { customerProfileId: '{ada}' }), path),
      status: 400,
      error: /^data: 1001 entries; at most 1000 per request/,
      after: { ada: 'unknown' },
    },
  ]),
  {
    name: 'entries count over all items, not per item',
    given: { audiences: AUDIENCES },
    request: bulk([
      { customerProfileId: '{ada}', adds: repeat(500, '{gold}') },
      { customerProfileId: '{ben}', adds: repeat(500, '{gold}'), deletes: ['{news}'] },
    ]),
    status: 400,
    error: 'contain 1001 entries',
    after: { ada: 'unknown', ben: 'unknown' },
  },
  {
    name: 'an ID of 1000 code points of four bytes each, in the body',
    request: bulk([{ customerProfileId: '🦊'.repeat(1000) }]),
    status: 204,
    after: { [`=${'🦊'.repeat(1000)}`]: { in: [] } },
  },
  {
    name: 'an ID of 1000 code points of twelve characters each, in the path',
    request: {
      method: 'PUT',
      path: `/cdp/customer_profile/${'%F0%9F%A6%8A'.repeat(1000)}/audiences`,
      body: { data: {} },
    },
    status: 200,
    body: state('🦊'.repeat(1000)),
  },
  {
    name: 'an ID of 1001 code points',
    request: bulk([{ customerProfileId: '🦊'.repeat(1001) }]),
    status: 400,
    error: /^data\[0\]\.customerProfileId: length must be 1 to 1000$/,
  },
];

describe('entries of adds and deletes', () => {
  runScenarios(limits);
});
describe('items and IDs', () => {
  runScenarios(bulkLimits);
});
