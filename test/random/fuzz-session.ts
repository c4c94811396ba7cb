/** Sends generated requests, one after the other or concurrently, checks each answer, and watches the stored state. */

import fc from 'fast-check';
import { deriveSeed, Random } from '../../src/simulate/random.ts';
import type { AnswerJudge } from './answer-judge.ts';
import { StateWatch } from './fingerprint.ts';
import type { Lab } from './lab.ts';
import type { Operation } from './openapi-document.ts';
import { type Answer, ConnectionLost, RawConnection } from './raw-client.ts';
import { type Draft, isReading, RequestGenerator, toBytes, toRequest } from './request-generator.ts';
import { type Mutation, mutation } from './request-mutations.ts';
import { check } from './settings.ts';

const MUTATIONS_AT_ONCE = 512;
/** Refused requests that are sent again later, concurrently. */
const KEPT = 5000;

interface Sent {
  readonly draft: Draft;
  readonly bytes: Buffer;
}

export class FuzzSession {
  readonly #lab: Lab;
  readonly #judge: AnswerJudge;
  readonly #generator: RequestGenerator;
  readonly #seed: number;
  readonly #random: Random;
  readonly #watch: StateWatch;
  readonly #refused: Sent[] = [];
  #mutations: Mutation[] = [];
  #batch = 0;
  #count = 0;

  constructor(lab: Lab, judge: AnswerJudge, seed: number) {
    this.#lab = lab;
    this.#judge = judge;
    this.#seed = seed;
    this.#random = new Random(seed);
    this.#generator = new RequestGenerator(lab.keys);
    this.#watch = new StateWatch(lab.file);
  }

  /** Requests answered so far. */
  get count(): number {
    return this.#count;
  }

  close(): void {
    this.#watch.close();
  }

  /** Sends one request at a time; a refusal or a read must not change the stored state. */
  async oneByOne(requests: number): Promise<void> {
    let connection = await RawConnection.open(this.#lab.url);
    for (let index = 0; index < requests; index += 1) {
      const draft = this.#next();
      const bytes = toBytes(draft);
      this.#watch.mark();
      if (connection.closed) connection = await RawConnection.open(this.#lab.url);
      const answer = await this.#exchange(connection, { draft, bytes });
      const operation = this.#judge.reached(draft);
      const reads = operation !== undefined && isReading(operation);
      if (answer.status < 400 && !reads) continue;
      const changed = this.#watch.changed();
      check(
        changed.length === 0,
        `refused or reading, yet it changed ${changed.join(', ')}`,
        this.#show(draft, answer),
      );
      if (answer.status >= 400 && this.#refused.length < KEPT) this.#refused.push({ draft, bytes });
    }
    this.#watch.release();
    connection.destroy();
  }

  /** Sends refused requests again, concurrently: nothing may change. */
  async refusedAgain(batches: number, atOnce: number): Promise<void> {
    for (let batch = 0; batch < batches; batch += 1) {
      let chosen = Array.from({ length: atOnce }, () => this.#random.pick(this.#refused));
      for (let accepted = chosen.length; accepted > 0; ) {
        this.#watch.mark();
        const answers = await Promise.all(chosen.map(async (sent) => this.#alone(sent)));
        // A refused request may be valid by now, because an audience it names has been created since. Those are left
        // out of the next try.
        const again = chosen.filter((_, index) => (answers[index]?.status ?? 0) >= 400);
        accepted = chosen.length - again.length;
        chosen = again;
      }
      const changed = this.#watch.changed();
      check(
        changed.length === 0,
        `all refused, yet ${changed.join(', ')} changed`,
        chosen.map(({ draft }) => this.#show(draft)),
      );
    }
    this.#watch.release();
  }

  /** Sends valid and invalid requests on several connections, some with several requests in flight. */
  async mixed(requests: number, connections: number): Promise<void> {
    let left = requests;
    const sender = async (): Promise<void> => {
      let connection = await RawConnection.open(this.#lab.url);
      while (left > 0) {
        const drafts = Array.from({ length: 1 + this.#random.below(4) }, () => this.#next());
        // Nothing is sent after a request that asks to close the connection.
        const last = drafts.findIndex(({ headers }) => headers.some(([name]) => name === 'Connection'));
        const together = last === -1 ? drafts : drafts.slice(0, last + 1);
        left -= together.length;
        if (connection.closed) connection = await RawConnection.open(this.#lab.url);
        const open = connection;
        await Promise.all(together.map(async (draft) => this.#behindOthers(open, { draft, bytes: toBytes(draft) })));
      }
      connection.destroy();
    };
    await Promise.all(Array.from({ length: connections }, sender));
  }

  /** Sends one request that a test has made, on its own connection. */
  async send(draft: Draft): Promise<Answer> {
    return this.#alone({ draft, bytes: toBytes(draft) });
  }

  /** Returns a request the operation should accept, for the test to modify. */
  valid(operationIndex: number): Draft {
    const operation = this.#judge.operations[operationIndex];
    check(operation !== undefined, 'no such operation');
    for (;;) {
      const draft = this.#generator.valid(operation, this.#random);
      // The name of a profile may turn its path into that of another operation.
      if (this.#judge.reached(draft) === operation) return draft;
    }
  }

  #next(): Draft {
    const draft = this.#generator.valid(this.#pick(), this.#random);
    const changes = this.#random.pick([0, 0, 0, 0, 1, 1, 1, 1, 2, 3]);
    for (let change = 0; change < changes; change += 1) this.#nextMutation()(draft);
    return draft;
  }

  /** Picks any operation; an erasure less often, because it searches the whole access log. */
  #pick(): Operation {
    const operation = this.#random.pick(this.#judge.operations);
    return operation.id === 'deleteCustomerData' && this.#random.below(4) > 0 ? this.#pick() : operation;
  }

  #nextMutation(): Mutation {
    if (this.#mutations.length === 0) {
      this.#batch += 1;
      const options = { numRuns: MUTATIONS_AT_ONCE, seed: deriveSeed(this.#seed, this.#batch) };
      this.#mutations = fc.sample(mutation(this.#lab.keys), options);
    }
    return this.#mutations.pop() as Mutation;
  }

  async #alone(sent: Sent): Promise<Answer> {
    const connection = await RawConnection.open(this.#lab.url);
    try {
      return await this.#exchange(connection, sent);
    } finally {
      connection.destroy();
    }
  }

  /**
   * Sends one of several requests on a connection, which gets no answer if the answer to another one closed the
   * connection.
   */
  async #behindOthers(connection: RawConnection, sent: Sent): Promise<void> {
    try {
      await this.#exchange(connection, sent, { behindOthers: true });
    } catch (error) {
      const lost = error instanceof Error && error.cause instanceof ConnectionLost;
      if (!lost || !connection.endedByAnswer) throw error;
    }
  }

  async #exchange(connection: RawConnection, { draft, bytes }: Sent, { behindOthers = false } = {}): Promise<Answer> {
    let answer: Answer;
    try {
      answer = await connection.send(bytes, { headOnly: draft.method === 'HEAD' });
    } catch (error) {
      const what = error instanceof ConnectionLost ? 'the connection was closed without an answer' : String(error);
      throw new Error(`${what}\n${JSON.stringify(this.#show(draft), null, 1)}`, { cause: error });
    }
    this.#count += 1;
    // An unreadable request behind another one may not even show where it begins; either envelope is fine then.
    const unreadable = behindOthers && connection.endedByAnswer && (answer.status === 400 || answer.status === 431);
    const fault = this.#judge.fault(unreadable ? { ...draft, aim: 'anything' } : draft, answer);
    check(fault === undefined, fault ?? '', this.#show(draft, answer));
    const reached = this.#judge.reached(draft);
    if (reached !== undefined) this.#generator.learn({ ...draft, operation: reached }, answer);
    return answer;
  }

  #show(draft: Draft, answer?: Answer): object {
    const { method, target, headers, body } = toRequest(draft);
    return {
      request: this.#count,
      operation: draft.operation.id,
      line: `${method} ${target}`.slice(0, 500),
      headers: headers.map(([name, value]) => [name, value.slice(0, 200)]),
      body: body?.toString('latin1').slice(0, 1500),
      ...(answer === undefined ? {} : { status: answer.status, answer: answer.text.slice(0, 1500) }),
    };
  }
}
