/**
 * A server process and a browser for the tests of one file. Pages are signed in, and are closed and checked after each
 * test.
 */

import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest';
import { type ServerOptions, type ServerProcess, startServerProcess } from '../server-process.ts';
import { launchBrowser, whyNoBrowser } from './browser.ts';
import { Windows } from './windows.ts';

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

export interface OpenOptions {
  /** The user who is signed in; the admin if absent, nobody if `null`. */
  readonly as?: Credentials | null;
  /** Width of the window in CSS pixels; 1280 if absent. */
  readonly width?: number;
  readonly scheme?: 'light' | 'dark';
}

/** Enough for a browser and a server on a busy machine; a wait for something on a page ends after ten seconds. */
const TEST_TIMEOUT_MS = 120_000;

export const WIDE = 1280;
export const NARROW = 390;

/** The browser of all files that run in this process, until the process ends. */
let browser: Promise<Browser> | undefined;

export class ConsoleWorld {
  #server: ServerProcess | undefined;
  #windows: Windows | undefined;
  readonly #complaints: string[] = [];

  get server(): ServerProcess {
    if (this.#server === undefined) throw new Error('the server is not started yet');
    return this.#server;
  }

  get admin(): Credentials {
    return { email: this.server.adminEmail, password: this.server.adminPassword };
  }

  async start(options: ServerOptions): Promise<void> {
    browser ??= launchBrowser();
    const [server, launched] = await Promise.all([startServerProcess(options), browser]);
    this.#server = server;
    this.#windows = new Windows(launched, server.url);
  }

  async stop(): Promise<void> {
    await Promise.all([this.#windows?.end(), this.#server?.stop()]);
  }

  /** Opens a page of the console (`/audiences?…`) in its own window, and waits for its heading. */
  async open(path: string, options: OpenOptions = {}): Promise<Page> {
    const { as = this.admin, width = WIDE, scheme = 'light' } = options;
    if (this.#windows === undefined) throw new Error('the browser is not started yet');
    const page = await this.#windows.open(as === null ? [] : [await this.#signIn(as)]);
    this.#listen(page);
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme: scheme });
    await page.goto(`/console${path}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    return page;
  }

  /** Calls the API directly, as the admin unless told otherwise; fails the test if the request is refused. */
  async call<Answer>(method: string, path: string, body?: unknown, as: Credentials = this.admin): Promise<Answer> {
    const { name, value } = await this.#signIn(as);
    const response = await fetch(this.server.url + path, {
      method,
      headers: {
        cookie: `${name}=${value}`,
        origin: this.server.url,
        prefer: 'extended',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as Answer;
  }

  /** Closes all pages. Fails if one of them threw, logged an error, violated its policy or called another host. */
  async closePages(): Promise<void> {
    await this.#windows?.closeAll();
    expect(this.#complaints.splice(0)).toEqual([]);
  }

  readonly #cookies = new Map<string, Promise<{ name: string; value: string; url: string }>>();

  async #signIn(credentials: Credentials): Promise<{ name: string; value: string; url: string }> {
    const key = JSON.stringify(credentials);
    const cookie = this.#cookies.get(key) ?? this.#newSession(credentials);
    this.#cookies.set(key, cookie);
    return cookie;
  }

  async #newSession(credentials: Credentials): Promise<{ name: string; value: string; url: string }> {
    const response = await fetch(`${this.server.url}/v1/console/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(credentials),
    });
    const [pair = ''] = (response.headers.get('set-cookie') ?? '').split(';');
    const [name = '', value = ''] = pair.split('=');
    if (response.status !== 201 || value === '') throw new Error(`no session: ${response.status}`);
    return { name, value, url: this.server.url };
  }

  #listen(page: Page): void {
    page.on('pageerror', (error) => this.#complaints.push(`${page.url()} threw ${error.stack ?? error.message}`));
    page.on('console', (message) => {
      // A refusal that the page shows to the user is not an error.
      const isRefusal = /^Failed to load resource: the server responded with a status of 4\d\d/.test(message.text());
      if (['error', 'warning'].includes(message.type()) && !isRefusal) {
        this.#complaints.push(`${page.url()} said: ${message.text()}`);
      }
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(this.server.url)) this.#complaints.push(`${page.url()} asked ${request.url()}`);
    });
  }
}

/** Declares tests in a browser with their own server; skips them with a message if no browser can run. */
export function describeConsole(
  name: string,
  body: (world: ConsoleWorld) => void,
  options: ServerOptions = { ephemeral: true },
): void {
  if (whyNoBrowser !== undefined) process.stderr.write(`SKIPPED: ${name}: ${whyNoBrowser}\n`);
  describe.skipIf(whyNoBrowser !== undefined)(name, { timeout: TEST_TIMEOUT_MS }, () => {
    const world = new ConsoleWorld();
    beforeAll(async () => world.start(options));
    afterEach(async () => world.closePages());
    afterAll(async () => world.stop());
    body(world);
  });
}
