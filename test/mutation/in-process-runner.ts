/**
 * A test runner for Stryker that loads the tests once and, for each mutant, runs those that reach it in the same
 * process. This takes some milliseconds, while restarting vitest takes hundreds. The files are those in
 * `test-files.ts`.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { endReload, importFile, reloadFrom, watchModules } from './modules.ts';
import { collectTests, Suite, type Test } from './test-api.ts';
import { testFiles } from './test-files.ts';
import { type Outcome, TestRun } from './test-run.ts';

/** The global that mutated code uses, as Stryker generates it. */
interface Namespace {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  hitCount?: number | undefined;
  hitLimit?: number | undefined;
  mutantCoverage?: Coverage;
}

/** How often each mutant was reached, by its number. */
type Hits = Record<string, number>;

interface Coverage {
  /** By test; hits outside of tests are kept elsewhere. */
  readonly perTest: Record<string, Hits>;
}

/** The part of Stryker's `MutantRunOptions` that is read. */
interface MutantRun {
  /** The tests that reach the mutant; undefined for a mutant that takes effect while its module is loaded. */
  readonly testFilter?: readonly string[];
  readonly hitLimit?: number;
  readonly activeMutant: { readonly id: string };
  readonly sandboxFileName: string;
}

const mutants: Namespace = ((globalThis as { __stryker__?: Namespace }).__stryker__ ??= {});
/** Stryker takes a loop for endless at a hundred times the usual hits of its mutant. Ten times are enough, and sooner reached. */
const FEWER_HITS = 10;
const PASSED = 0;
const FAILED = 1;
/** What the first run has measured. A process that follows one that hung reads it here. */
const MEASURED = 'measured-tests.json';
/** A mutant is noticed if a test waits for this many turns of the event loop, and ten times as many as it should. */
const LEAST_TURNS = 300;

interface Measured {
  /** CPU time in milliseconds, by file: what takes long goes last. */
  readonly times: Record<string, number>;
  /** The number of turns of the event loop for which tests waited, by test. */
  readonly turns: Record<string, number>;
}

class InProcessRunner {
  readonly #root = process.cwd();
  readonly #suites = new Map<string, Suite>();
  readonly #ids = new Map<Test, string>();
  #measured: Measured = { times: {}, turns: {} };
  /** Errors thrown where no test awaits them. */
  #strays: unknown[] = [];

  capabilities(): object {
    return { reloadEnvironment: true };
  }

  async init(): Promise<void> {
    watchModules(this.#root);
    // A property that fails nearly always does so within a few runs, and each mutant takes all of them.
    fc.configureGlobal({ numRuns: 25 });
    process.on('uncaughtException', (error) => this.#strays.push(error));
    process.on('unhandledRejection', (error) => this.#strays.push(error));
  }

  async dryRun(): Promise<object> {
    const tests: object[] = [];
    for (const file of testFiles(this.#root)) {
      const run = new TestRun(false, undefined, (running) => {
        mutants.currentTestId = running instanceof Suite ? idOfHooks(file, running) : this.#ids.get(running as Test);
      });
      const start = performance.now();
      const suite = await this.#load(file);
      const loadMs = performance.now() - start;
      const before = process.cpuUsage();
      await run.run(suite);
      const { user, system } = process.cpuUsage(before);
      this.#measured.times[file] = (user + system) / 1000;
      this.#countHooks(file, suite);
      for (const [index, { milliseconds, ...outcome }] of run.outcomes.entries()) {
        this.#measured.turns[this.#ids.get(outcome.test) ?? ''] = outcome.turns;
        // Loading counts for the first test, because time outside of tests would extend the time limit of every mutant.
        const ms = index === 0 ? milliseconds + loadMs : milliseconds;
        tests.push(this.#report(file, { ...outcome, milliseconds: ms }));
      }
    }
    writeFileSync(MEASURED, JSON.stringify(this.#measured));
    return { status: 'complete', tests, mutantCoverage: mutants.mutantCoverage };
  }

  async mutantRun({ testFilter, hitLimit: limit, activeMutant, sandboxFileName }: MutantRun): Promise<object> {
    const hitLimit = limit === undefined ? undefined : limit / FEWER_HITS;
    Object.assign(mutants, { hitCount: 0, hitLimit });
    this.#strays = [];
    const start = performance.now();
    try {
      const { count, killer } =
        testFilter === undefined
          ? await this.#tryWhileLoading(activeMutant.id, sandboxFileName)
          : await this.#tryLoaded(activeMutant.id, testFilter);
      if (hitLimit !== undefined && (mutants.hitCount ?? 0) > hitLimit) {
        return { status: 'timeout', reason: `Hit limit reached (${mutants.hitCount}/${hitLimit})` };
      }
      const duration = performance.now() - start;
      return killer === undefined
        ? { status: 'survived', nrOfTests: count, duration }
        : { status: 'killed', killedBy: [killer.id], failureMessage: killer.message, nrOfTests: count, duration };
    } finally {
      mutants.activeMutant = undefined;
      mutants.hitCount = undefined;
    }
  }

  async #tryLoaded(mutant: string, ids: readonly string[]): Promise<Verdict> {
    const { times } = this.#readMeasured();
    const files = new Set(ids.map((id) => id.slice(0, id.indexOf('#'))));
    const sorted = [...files].toSorted((a, b) => (times[a] ?? 0) - (times[b] ?? 0));
    const suites: Suite[] = [];
    for (const file of sorted) suites.push(await this.#load(file));
    const wanted = new Set(ids);
    const tests = suites.flatMap((suite) => suite.tests().filter((test) => wanted.has(this.#ids.get(test) ?? '')));
    const run = new TestRun(true, new Set(tests), undefined, (test) => this.#mostTurns(this.#ids.get(test)));
    mutants.activeMutant = mutant;
    for (const suite of suites) {
      await run.run(suite);
      if (run.failure !== undefined) break;
    }
    return this.#verdict(run.outcomes.length, run.failure);
  }

  /** Loads everything that depends on the mutant's module, one test file at a time, until one fails. */
  async #tryWhileLoading(mutant: string, path: string): Promise<Verdict> {
    for (const file of testFiles(this.#root)) await this.#load(file);
    const affected = reloadFrom(path).map((url) => relative(this.#root, new URL(url).pathname));
    const files = affected.filter((file) => file.endsWith('.test.ts'));
    mutants.activeMutant = mutant;
    try {
      let count = 0;
      for (const file of files) {
        const run = new TestRun(true, undefined, undefined, (test) => this.#mostTurns(`${file}#${test.name}`));
        try {
          await run.run(await collectTests(() => importFile(join(this.#root, file))));
        } catch (error) {
          return { count, killer: { id: this.#anyTest(file), message: `${file} cannot be loaded: ${inspect(error)}` } };
        }
        count += run.outcomes.length;
        if (run.failure !== undefined) {
          return { count, killer: { id: `${file}#${run.failure.test.name}`, message: inspect(run.failure.error) } };
        }
      }
      return await this.#verdict(count, undefined);
    } finally {
      endReload();
    }
  }

  /** A stray error counts as noticed, although no test fails because of it. */
  async #verdict(count: number, failure: Outcome | undefined): Promise<Verdict> {
    await new Promise(setImmediate);
    if (failure !== undefined) {
      return { count, killer: { id: this.#ids.get(failure.test) ?? '', message: inspect(failure.error) } };
    }
    const [stray] = this.#strays;
    return stray === undefined ? { count } : { count, killer: { id: '', message: inspect(stray) } };
  }

  async #load(file: string): Promise<Suite> {
    const known = this.#suites.get(file);
    if (known !== undefined) return known;
    const suite = await collectTests(() => importFile(join(this.#root, file)));
    this.#suites.set(file, suite);
    for (const test of suite.tests()) this.#ids.set(test, `${file}#${test.name}`);
    return suite;
  }

  /** Counts what the hooks of a suite reached for each of its tests. */
  #countHooks(file: string, suite: Suite): void {
    const perTest = mutants.mutantCoverage?.perTest ?? {};
    const id = idOfHooks(file, suite);
    for (const test of suite.tests()) {
      const hits = (perTest[this.#ids.get(test) ?? ''] ??= {});
      for (const [mutant, count] of Object.entries(perTest[id] ?? {})) hits[mutant] = (hits[mutant] ?? 0) + count;
    }
    delete perTest[id];
    for (const child of suite.children) if (child instanceof Suite) this.#countHooks(file, child);
  }

  #report(file: string, { test, error, milliseconds }: Outcome): object {
    const result = {
      id: this.#ids.get(test),
      name: test.name,
      timeSpentMs: milliseconds,
      fileName: join(this.#root, file),
    };
    return error === undefined
      ? { ...result, status: PASSED }
      : { ...result, status: FAILED, failureMessage: inspect(error) };
  }

  #anyTest(file: string): string {
    const [test] = this.#suites.get(file)?.tests() ?? [];
    return `${file}#${test?.name}`;
  }

  #mostTurns(id = ''): number {
    return Math.max(LEAST_TURNS, 10 * (this.#readMeasured().turns[id] ?? 0));
  }

  #readMeasured(): Measured {
    if (Object.keys(this.#measured.times).length === 0)
      this.#measured = JSON.parse(readFileSync(MEASURED, 'utf8')) as Measured;
    return this.#measured;
  }
}

/** Stands for the hooks of a suite until they are counted for its tests. */
function idOfHooks(file: string, { path }: Suite): string {
  return `${file}#hooks of ${path.join(' > ')}`;
}

interface Verdict {
  /** The number of tests that ran. */
  readonly count: number;
  /** The test that failed; undefined if no test noticed the mutant. */
  readonly killer?: { readonly id: string; readonly message: string };
}

/** The Stryker plugin (`TestRunner`) that the configuration names. */
export const strykerPlugins = [{ kind: 'TestRunner', name: 'in-process', injectableClass: InProcessRunner }];
