/**
 * Checks that an answer is one the document allows for its request, and records which documented answers have been
 * seen.
 */

import { mismatch, type Operation } from './openapi-document.ts';
import type { Answer } from './raw-client.ts';
import type { Draft } from './request-generator.ts';

/** These do not depend on the request, so this test does not provoke them. */
const NOT_PROVOKED = new Set([408, 431, 500, 503]);
/** Possible answers to a request that reaches no operation. */
const UNROUTED = new Set([400, 401, 404, 405, 413, 431]);
const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

export class AnswerJudge {
  readonly operations: readonly Operation[];
  readonly #seen = new Map<string, Map<number, number>>();

  constructor(operations: readonly Operation[]) {
    this.operations = operations;
    for (const { id } of operations) this.#seen.set(id, new Map());
  }

  /** The operation a request reaches; undefined if no route has its path or method, or if the test cannot tell. */
  reached(draft: Draft): Operation | undefined {
    if (draft.aim === 'anything') return undefined;
    const method = draft.method === 'HEAD' ? 'GET' : draft.method;
    const path = draft.operation.path.replace(/\{(\w+)\}/g, (_, name: string) =>
      decodeURIComponent(draft.params[name] ?? ''),
    );
    // A fixed path takes precedence over one with a parameter.
    const fixed = this.operations.filter((each) => each.path === path);
    const candidates = fixed.length > 0 ? fixed : this.operations.filter((each) => each.path === draft.operation.path);
    return candidates.find((each) => each.method === method);
  }

  /**
   * Says what is wrong with the answer; undefined if nothing is. Records its status.
   * @param whole false for a request of which a part was held back
   */
  fault(draft: Draft, answer: Answer, { whole = true } = {}): string | undefined {
    const operation = this.reached(draft);
    const { status } = answer;
    if (status >= 500) return `status ${status}`;
    if (status === 408 && whole) return 'waited in vain for a request that was there';
    const requestId = answer.headers['x-request-id'] ?? '';
    if (!UUID_V4.test(requestId)) return `X-Request-Id is '${requestId}'`;
    if ((status === 429 || status === 503) && !/^[1-9]\d*$/.test(answer.headers['retry-after'] ?? '')) {
      return 'no Retry-After in whole seconds';
    }
    if (status === 405 && !/^[A-Z]+(, [A-Z]+)*$/.test(answer.headers['allow'] ?? '')) return 'no Allow';
    if (operation === undefined && draft.aim === 'other method' && status !== 405) {
      // A request that is not HTTP, or too long, is refused before its method is read.
      if (status !== 400 && status !== 431) return `status ${status} for a method the path does not take`;
    }
    if (operation === undefined) return this.#unroutedFault(draft, answer, requestId);
    const documented = operation.answers.get(status);
    if (documented === undefined) return `status ${status} is not documented for ${operation.id}`;
    const seen = this.#seen.get(operation.id);
    seen?.set(status, (seen.get(status) ?? 0) + 1);
    if (draft.method === 'HEAD') return answer.text === '' ? undefined : 'HEAD was answered with a body';
    return mismatch(documented, answer) ?? envelopeFault(answer, requestId);
  }

  #unroutedFault(draft: Draft, answer: Answer, requestId: string): string | undefined {
    const { status, text } = answer;
    if (draft.method === 'HEAD') return text === '' ? undefined : 'HEAD was answered with a body';
    // A path in another spelling may still be valid: a trailing slash, an escape that decodes to the right letter.
    if (status < 400) return draft.aim === 'anything' ? undefined : `status ${status} where nothing is`;
    if (!UNROUTED.has(status) && draft.aim !== 'anything') return `status ${status} where nothing is`;
    return envelopeFault(answer, requestId);
  }

  /** The number of answers by operation and status. */
  tally(): Record<string, Record<string, number>> {
    return Object.fromEntries([...this.#seen].map(([id, statuses]) => [id, Object.fromEntries(statuses)]));
  }

  /** Documented answers that were not seen, except those that no request causes by itself. */
  unseen(): string[] {
    return this.operations.flatMap(({ id, answers }) =>
      [...answers.keys()]
        .filter((status) => !NOT_PROVOKED.has(status) && !this.#seen.get(id)?.has(status))
        .map((status) => `${id} ${status}`),
    );
  }
}

/**
 * Checks that the body of a refusal is exactly one of the two published envelopes, and agrees with the status and
 * headers.
 */
function envelopeFault(answer: Answer, requestId: string): string | undefined {
  if (answer.status < 400) return undefined;
  let body: Record<string, unknown>;
  try {
    // The verdicts on rows, for those who ask: the document says where they may be.
    const { report: _, ...rest } = answer.json<Record<string, unknown>>();
    body = rest;
  } catch {
    return 'the error body is no JSON';
  }
  const keys = Object.keys(body).sort().join(' ');
  if (body['StatusCode'] !== answer.status) return 'StatusCode differs from the status';
  if (keys === 'Error RequestUUID StatusCode') {
    if (body['RequestUUID'] !== requestId) return 'RequestUUID differs from X-Request-Id';
    return typeof body['Error'] === 'string' && /^[^\n]+$/.test(body['Error']) ? undefined : 'Error is not one line';
  }
  if (keys !== 'StatusCode errors message') return `the error body has the keys ${keys}`;
  return typeof body['message'] === 'string' && Array.isArray(body['errors'])
    ? undefined
    : 'message or errors is missing';
}
