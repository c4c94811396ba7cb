/** What a test can do to a server besides sending requests: one object for all ways to reach it. */

import { randomUUID } from 'node:crypto';
import { generatePassword } from '../domain/access/passwords.ts';
import { signIn } from '../domain/access/signing-in.ts';
import { createUser } from '../domain/access/user-administration.ts';
import type { Core } from '../domain/core.ts';
import type { ClockChange, ClockState, TestClock } from './clock.ts';
import { Faults } from './faults.ts';
import { Received } from './received.ts';
import { NOTHING_SEEDED, plantSeed, type Seeded } from './seed.ts';

export interface TestControlsParts {
  readonly core: Core;
  /** The clock of all parts of the server. */
  readonly clock: TestClock;
  /** The platform of audiences without one. */
  readonly defaultPlatform: string;
  /** Runs the jobs that became due when the clock was set. */
  readonly catchUp: () => Promise<void>;
}

/** A signed-in admin. */
export interface Admin {
  readonly email: string;
  readonly password: string;
  /** For `Authorization: Bearer`. */
  readonly token: string;
}

export class TestControls {
  readonly core: Core;
  readonly faults = new Faults();
  readonly received = new Received();
  readonly #parts: TestControlsParts;
  #seeded = NOTHING_SEEDED;
  /** The value of `#seeded` when the store was saved. */
  #remembered = NOTHING_SEEDED;

  constructor(parts: TestControlsParts) {
    this.#parts = parts;
    this.core = parts.core;
  }

  /** Everything seeded since the start or the last reset, by label. */
  get seeded(): Seeded {
    return this.#seeded;
  }

  /** Adds labels for objects that were created in another way. */
  name(made: Partial<Seeded>): void {
    this.#seeded = { ...this.#seeded, ...made };
  }

  /** Creates what a plain object describes. @throws DomainError as `plantSeed` does */
  async seed(value: unknown): Promise<Seeded> {
    const platform = this.#parts.defaultPlatform;
    this.#seeded = await plantSeed(this.core, value, this.#seeded, { platform });
    return this.#seeded;
  }

  get clock(): ClockState {
    return this.#parts.clock.state;
  }

  /** Changes the clock. Jobs that become due have run when this resolves. @throws DomainError `invalid` */
  async changeClock(change: ClockChange): Promise<ClockState> {
    this.#parts.clock.change(change);
    await this.#parts.catchUp();
    return this.clock;
  }

  /** Saves the current state, to which `reset` returns. */
  async remember(): Promise<void> {
    await this.#memory.remember();
    this.#remembered = this.#seeded;
  }

  /** Returns to the saved state: data, labels and clock. Forgets faults, received requests and counted requests. */
  async reset(): Promise<void> {
    await this.core.queue.idle();
    await this.#memory.rewind();
    this.#seeded = this.#remembered;
    this.#parts.clock.reset();
    this.faults.clear();
    this.received.clear();
  }

  /** Creates an admin and signs them in. Not done at the start, because hashing the password is slow. */
  async admin(): Promise<Admin> {
    const email = `test-${randomUUID()}@example.com`;
    const password = generatePassword();
    await createUser(this.core, { email, password, isAdmin: true, mustChangePassword: false });
    const { token } = await signIn(this.core, {
      email,
      password,
      kind: 'api',
      userAgent: 'test',
      address: '127.0.0.1',
    });
    return { email, password, token };
  }

  get #memory() {
    const { memory } = this.core.storage;
    if (memory === undefined) throw new Error('A store that keeps anything cannot be under test');
    return memory;
  }
}
