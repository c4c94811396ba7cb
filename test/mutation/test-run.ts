/** One run of loaded tests: the wanted ones, with their hooks, optionally only until one fails. */

import { Suite, type Test } from './test-api.ts';

export interface Outcome {
  readonly test: Test;
  /** The error it threw; undefined if it passed. */
  readonly error?: unknown;
  readonly milliseconds: number;
  /** The number of turns of the event loop for which it waited. */
  readonly turns: number;
}

// Turns are counted rather than time, which passes while a busy machine gives the process no CPU.
const TURN_MS = 1;
const MOST_TURNS_OF_HOOKS = 5000;

export class TestRun {
  readonly outcomes: Outcome[] = [];
  readonly #wanted: ReadonlySet<Test> | undefined;
  readonly #endsAtFailure: boolean;
  readonly #onStart: (running: Test | Suite | undefined) => void;
  readonly #mostTurns: (test: Test) => number;

  /**
   * `onStart` is called with each test when its hooks begin, with a suite when its own hooks begin, and with undefined
   * when either is over; without `wanted`, all tests run. A test that waits for more than its `mostTurns` fails.
   */
  constructor(
    endsAtFailure: boolean,
    wanted?: ReadonlySet<Test>,
    onStart: (running: Test | Suite | undefined) => void = () => {},
    mostTurns: (test: Test) => number = () => Number.POSITIVE_INFINITY,
  ) {
    this.#endsAtFailure = endsAtFailure;
    this.#wanted = wanted;
    this.#onStart = onStart;
    this.#mostTurns = mostTurns;
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
    if (hookError !== undefined) this.outcomes.push({ test: first, error: hookError, milliseconds: 0, turns: 0 });
  }

  async #runHooks(suite: Suite, hooks: Suite['beforeAll']): Promise<unknown> {
    if (hooks.length === 0) return undefined;
    this.#onStart(suite);
    const error = await firstError(hooks, new Waiting(MOST_TURNS_OF_HOOKS));
    this.#onStart(undefined);
    return error;
  }

  async #runTest(test: Test, suites: readonly Suite[]): Promise<void> {
    const start = performance.now();
    const waiting = new Waiting(this.#mostTurns(test));
    const hooks = new Waiting(MOST_TURNS_OF_HOOKS);
    this.#onStart(test);
    const before = await firstError(
      suites.flatMap((suite) => suite.beforeEach),
      hooks,
    );
    const failed = before ?? (await firstError([test.run], waiting));
    const after = await firstError(
      suites.toReversed().flatMap((suite) => suite.afterEach),
      hooks,
    );
    this.#onStart(undefined);
    const milliseconds = performance.now() - start;
    this.outcomes.push({ test, error: failed ?? after, milliseconds, turns: waiting.turns });
  }

  get #isOver(): boolean {
    return this.#endsAtFailure && this.failure !== undefined;
  }

  #isWanted(test: Test): boolean {
    return this.#wanted === undefined || this.#wanted.has(test);
  }
}

/** Runs everything, as clean-up must, and returns the first error. */
async function firstError(works: readonly (() => unknown)[], waiting: Waiting): Promise<unknown> {
  let first: unknown;
  for (const work of works) {
    try {
      await waiting.for(work());
    } catch (error) {
      first ??= error ?? new Error('nothing was thrown');
    }
  }
  return first;
}

/** Waits for promises, up to a number of turns of the event loop in all. */
class Waiting {
  turns = 0;
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** @throws Error if the promise waits for something that does not happen */
  async for(result: unknown): Promise<void> {
    if (!(result instanceof Promise)) return;
    let isOver = false;
    const ended = result.finally(() => {
      isOver = true;
    });
    const count = async (): Promise<void> => {
      for (; this.turns < this.#most && !isOver; this.turns += 1) {
        await new Promise((resolve) => setTimeout(resolve, TURN_MS));
      }
    };
    await Promise.race([ended, count()]);
    if (!isOver) throw new Error(`still waiting after ${this.turns} turns of the event loop`);
  }
}
