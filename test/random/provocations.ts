/**
 * The documented answers that random requests do not cause: too large, too often, too late, not served here, not HTTP.
 */

import type { AnswerJudge } from './answer-judge.ts';
import type { FuzzSession } from './fuzz-session.ts';
import { writeJson } from './hostile-values.ts';
import type { Lab } from './lab.ts';
import type { Json } from './openapi-document.ts';
import { type Answer, encode, RawConnection } from './raw-client.ts';
import { apiOf, type Draft, toRequest, withKey } from './request-generator.ts';
import { check } from './settings.ts';

const MIB = 1024 * 1024;

/** The largest body of an API; one that is read before its key is known must be small. */
function largestOf(api: string | undefined): number {
  return api === 'mparticle' ? MIB : 10 * MIB;
}

function withHeader(draft: Draft, name: string, value: string): Draft {
  const headers = draft.headers.filter(([each]) => each.toLowerCase() !== name.toLowerCase());
  return { ...draft, headers: [...headers, [name, value]] };
}

/** Provokes every documented refusal of each operation. */
export async function provokeRest(session: FuzzSession, judge: AnswerJudge, lab: Lab): Promise<void> {
  const halves = Promise.all(judge.operations.map(async (_, index) => sendHalf(session.valid(index), lab, judge)));
  halves.catch(() => undefined);
  for (const [index, operation] of judge.operations.entries()) {
    const make = (): Draft => session.valid(index);
    const api = apiOf(operation);
    const largest = largestOf(api);
    if (operation.body !== undefined) {
      const draft = make();
      const text = writeJson(draft.body ?? null);
      const large = await session.send({
        ...draft,
        bytes: Buffer.from(text.padEnd(largest - Buffer.byteLength(text) + text.length)),
      });
      check(large.status !== 413, `${operation.id}: 413 for a body of just the largest size`);
      const tooLarge = await session.send({ ...draft, bytes: Buffer.alloc(largest + 1, ' ') });
      check(tooLarge.status === 413, `${operation.id}: ${tooLarge.status} for a body beyond the largest size`);
      await announceTooMuch(draft, lab, largest);
    }
    if (api === 'cdp' || api === 'segment') {
      const elsewhere = await session.send(withHeader(make(), 'destination-hostname', 'other.example.net'));
      check(elsewhere.status === 404, `${operation.id}: ${elsewhere.status} for a deployment that is not served`);
    }
    if (api === 'emarsys') {
      const elsewhere = await session.send({ ...make(), query: [['deployment', 'other.example.net']] });
      check(elsewhere.status === 404, `${operation.id}: ${elsewhere.status} for a deployment that is not served`);
    }
    if (api === 'mparticle') {
      const draft = withKey(make(), lab.keys.mparticle);
      const fields = { type: 'audience_subscription_request', audience_id: 7, audience_name: 'Twice', action: 'add' };
      const add: Draft = { ...draft, body: { ...(draft.body as { [name: string]: Json }), ...fields } };
      await session.send(add);
      const twice = await session.send(add);
      check(twice.status === 409, `${operation.id}: ${twice.status} for an audience that is added twice`);
    }
    const unknown = await session.send(withKey(make(), 'rck_nobody'));
    check(unknown.status === 401, `${operation.id}: ${unknown.status} for an unknown key`);
    if (operation.parameters.some(({ name }) => name === 'idempotency-key')) await sendAtOnce(make, session);
    await sendTooOften(make, session, limitedKey(api, lab));
    await breakHttp(make(), lab, judge);
  }
  await halves;
}

/** Several requests under one idempotency key: while one is running, another is refused. */
async function sendAtOnce(make: () => Draft, session: FuzzSession): Promise<void> {
  for (let attempt = 1; attempt <= 50; attempt += 1) {
    // Only those that are good in other respects get as far as that.
    const keyed = withHeader(make(), 'Idempotency-Key', `at once, attempt ${attempt}`);
    const answers = await Promise.all(Array.from({ length: 10 }, async () => session.send(keyed)));
    if (answers.some(({ status }) => status === 409)) return;
  }
  check(false, `${make().operation.id}: no two requests with one idempotency key met`);
}

/** The key for an API that allows one request per second. */
function limitedKey(api: string | undefined, { keys }: Lab): string {
  if (api === 'cdp') return keys.limited;
  if (api === 'segment') return keys.limitedSegment;
  if (api === 'mparticle') return keys.limitedMparticle;
  return api === 'emarsys' ? keys.limitedEmarsys : keys.limitedGeneric;
}

async function sendTooOften(make: () => Draft, session: FuzzSession, key: string): Promise<void> {
  const answers = await Promise.all(Array.from({ length: 3 }, async () => session.send(withKey(make(), key))));
  check(
    answers.some(({ status }) => status === 429),
    'a key of one request per second sent three at once, and none was refused',
  );
}

/** A length beyond the limit is refused before the body is sent. */
async function announceTooMuch(draft: Draft, lab: Lab, largest: number): Promise<void> {
  const { method, target, headers } = toRequest(draft);
  const bytes = encode({ method, target, headers: [...headers, ['Content-Length', String(largest + 1)]] });
  const answer = await exchange(lab, bytes);
  check(answer.status === 413, `${answer.status} for an announced length beyond the limit`);
}

/** Input that is not HTTP is answered in the published form as well. */
async function breakHttp(draft: Draft, lab: Lab, judge: AnswerJudge): Promise<void> {
  const { method, target, headers } = toRequest(draft);
  const line = (text: string): Buffer =>
    Buffer.from(`${text}\r\nHost: x\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`);
  const withHeaders = (...more: string[]): Buffer =>
    Buffer.from(`${method} ${target} HTTP/1.1\r\nHost: x\r\n${more.join('\r\n')}\r\n\r\n`);
  const broken: [Buffer, number][] = [
    [line(`NOSUCH ${target} HTTP/1.1`), 400],
    [line(`${method} ${target} HTTP/9.9`), 400],
    [line(`${method}  HTTP/1.1`), 400],
    [withHeaders('no colon here'), 400],
    [withHeaders('Bad\u0000Name: x'), 400],
    [withHeaders('Value: a\u0000b'), 400],
    [withHeaders('Content-Length: 5', 'Content-Length: 6'), 400],
    [withHeaders('Content-Length: 5', 'Transfer-Encoding: chunked'), 400],
    [withHeaders('Content-Length: -1'), 400],
    [withHeaders('Transfer-Encoding: chunked', '', 'zz'), 400],
    [withHeaders(`X-Large: ${'x'.repeat(100_000)}`), 431],
    [line(`${method} ${target}?${'x'.repeat(100_000)} HTTP/1.1`), 431],
  ];
  for (const [bytes, status] of broken) {
    const answer = await exchange(lab, bytes);
    const text = bytes.toString('latin1').slice(0, 300);
    check(answer.status === status, `${answer.status} where ${status} was due`, { text, answer: answer.text });
    // Either envelope is accepted if the path is part of what is broken, or may be in an earlier packet.
    const known = text.startsWith(`${method} ${target}`) && status !== 431;
    const fault = judge.fault(known ? draft : { ...draft, aim: 'anything' }, answer);
    check(fault === undefined, fault ?? '', { text, answer: answer.text });
  }
}

/** An incomplete request is abandoned after the server's time limit, with the published answer. */
async function sendHalf(draft: Draft, lab: Lab, judge: AnswerJudge): Promise<void> {
  const { method, target, headers } = toRequest(draft);
  const whole = encode({ method, target, headers, body: Buffer.alloc(1000, ' ') });
  for (const part of [20, whole.length - 500]) {
    const answer = await exchange(lab, whole.subarray(0, part));
    if (part > 20 && draft.operation.body === undefined) continue;
    check(answer.status === 408, `${answer.status} for half a request`, { part, answer: answer.text });
    const fault = judge.fault({ ...draft, aim: 'anything' }, answer, { whole: false });
    check(fault === undefined, fault ?? '', answer.text);
  }
}

async function exchange(lab: Lab, bytes: Buffer): Promise<Answer> {
  const connection = await RawConnection.open(lab.url);
  try {
    return await connection.send(bytes);
  } finally {
    connection.destroy();
  }
}
