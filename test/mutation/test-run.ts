/** One run of loaded tests: the wanted ones, with their hooks, optionally only until one fails. */

import { Suite, type Test } from './test-api.ts';

export interface Outcome {
  readonly test: Test;
  /** The error it threw; undefined if it passed. */
  readonly error?: unknown;
  readonly milliseconds: number;
}

/** Turns of the event loop that a test may wait. Unlike time, they do not pass while the process gets no CPU. */
const MOST_TURNS = 5000;
const TURN_MS = 2;

export class TestRun {
  readonly outcomes: Outcome[] = [];
  readonly #wanted: ReadonlySet<Test> | undefined;
  readonly #endsAtFailure: boolean;
  readonly #onStart: (running: Test | Suite | undefined) => void;

  /**
   * `onStart` is called with each test when its hooks begin, with a suite when its own hooks begin, and with undefined
   * when either is over; without `wanted`, all tests run.
   */
  constructor(
    endsAtFailure: boolean,
    wanted?: ReadonlySet<Test>,
    onStart: (running: Test | Suite | undefined) => void = () => {},
  ) {
    this.#endsAtFailure = endsAtFailure;
    this.#wanted = wanted;
    this.#onStart = onStart;
  }

  get failure(): Outcome | undefined {
    return this.outcomes.find(({ error }) => error !== undefined);
  }

  async run(suite: Suite, around: readonly Suite[] = []): Promise<void> {
    const [first] = suite.tests().filter((test) => this.#isWanted(test));
    if (first === undefined || this.#isOver) return;
    const suites = [...around, suite];
    const error = await this.#runHooks(suite, suite.beforeAll);
    if (error === undefined) {
      for (const child of suite.children) {
        if (child instanceof Suite) await this.run(child, suites);
        else if (this.#isWanted(child) && !this.#isOver) await this.#runTest(child, suites);
      }
    }
    const last = await this.#runHooks(suite, suite.afterAll);
    const hookError = error ?? last;
    if (hookError !== undefined) this.outcomes.push({ test: first, error: hookError, milliseconds: 0 });
  }

  async #runHooks(suite: Suite, hooks: Suite['beforeAll']): Promise<unknown> {
    if (hooks.length === 0) return undefined;
    this.#onStart(suite);
    const error = await firstError(hooks);
    this.#onStart(undefined);
    return error;
  }

  async #runTest(test: Test, suites: readonly Suite[]): Promise<void> {
    const start = performance.now();
    this.#onStart(test);
    const before = await firstError(suites.flatMap((suite) => suite.beforeEach));
    const failed = before ?? (await firstError([test.run]));
    const after = await firstError(suites.toReversed().flatMap((suite) => suite.afterEach));
    this.#onStart(undefined);
    this.outcomes.push({ test, error: failed ?? after, milliseconds: performance.now() - start });
  }

  get #isOver(): boolean {
    return this.#endsAtFailure && this.failure !== undefined;
  }

  #isWanted(test: Test): boolean {
    return this.#wanted === undefined || this.#wanted.has(test);
  }
}

/** Runs everything, as clean-up must, and returns the first error. */
async function firstError(works: readonly (() => unknown)[]): Promise<unknown> {
  let first: unknown;
  for (const work of works) {
    try {
      await ended(work());
    } catch (error) {
      first ??= error ?? new Error('nothing was thrown');
    }
  }
  return first;
}

/** Waits for what a test or hook returned. @throws Error if it waits for something that does not happen */
async function ended(result: unknown): Promise<void> {
  if (!(result instanceof Promise)) return;
  let hasEnded = false;
  const waiting = result.finally(() => {
    hasEnded = true;
  });
  await Promise.race([waiting, turns(() => hasEnded)]);
  if (!hasEnded) throw new Error(`still waiting after ${MOST_TURNS} turns of the event loop`);
}

async function turns(isOver: () => boolean): Promise<void> {
  for (let turn = 0; turn < MOST_TURNS && !isOver(); turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, TURN_MS));
  }
}
