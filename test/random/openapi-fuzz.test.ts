/**
 * Generated requests, valid and hostile, for every operation of the served OpenAPI document: the server never fails or
 * hangs, gives only documented answers, and a refusal does not change the stored state.
 */

import { describe, expect, test } from 'vitest';
import { AnswerJudge } from './answer-judge.ts';
import { FuzzSession } from './fuzz-session.ts';
import { Lab } from './lab.ts';
import { readOperations } from './openapi-document.ts';
import { provokeRest } from './provocations.ts';
import { DEPLOYMENT } from './request-generator.ts';
import { PATIENCE_MS, rounds, size } from './settings.ts';

const ONE_BY_ONE = size(4000, 40_000);
const BATCHES = size(40, 200);
const MIXED = size(3000, 40_000);
/** The operations that API keys may call. */
const KEYED = /^(?!Management API)/;
const SETTINGS = {
  // Refused keys are a tenth of the requests here, and half-sent requests should not be waited for long.
  ROLLCALL_MAX_AUTH_FAILURES_PER_MINUTE: '1000000',
  ROLLCALL_REQUEST_TIMEOUT_SECONDS: '4',
  ROLLCALL_LOG_LEVEL: 'warn',
};

describe('generated requests', () => {
  test('get documented answers only, and refusals change nothing', { timeout: PATIENCE_MS }, async () => {
    let judge: AnswerJudge | undefined;
    let total = 0;
    await rounds(async (seed) => {
      const lab = await Lab.open({ args: ['--hostname', DEPLOYMENT], env: SETTINGS });
      const document: unknown = await (await fetch(`${lab.url}/openapi.json`)).json();
      judge ??= new AnswerJudge(readOperations(document, KEYED));
      const session = new FuzzSession(lab, judge, seed);
      await session.oneByOne(ONE_BY_ONE);
      await session.refusedAgain(BATCHES, 50);
      await session.mixed(MIXED, 16);
      await provokeRest(session, judge, lab);
      session.close();
      total += session.count;
      expect(lab.log).toBe('');
      await lab.verify();
      await lab.stop();
      return `${total} requests so far`;
    });
    expect(total).toBeGreaterThanOrEqual(10_000);
    expect(judge?.operations.length).toBeGreaterThan(0);
    expect(judge?.unseen()).toEqual([]);
  });
});
