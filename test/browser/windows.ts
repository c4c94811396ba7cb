/** Windows of one browser, one after the other: each finds nothing of those before it but the cached files of the console. */

import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';

export interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly url: string;
}

/** A browser context that is used again, and again. */
interface Room {
  readonly context: BrowserContext;
  /** A page that stays: with the last page of an address its process would end, and with that all it had compiled. */
  readonly keeper: Page;
  readonly session: CDPSession;
}

/**
 * A window of its own is a browser context of its own. One whose pages are closed is used again: a new one would download and
 * compile the whole console once more, which is most of what opening a page costs.
 */
export class Windows {
  readonly #browser: Browser;
  readonly #origin: string;
  readonly #idle: Room[] = [];
  readonly #inUse: Room[] = [];

  constructor(browser: Browser, origin: string) {
    this.#browser = browser;
    this.#origin = origin;
  }

  /** An empty page that shares nothing with any other that is open, with these cookies and no more. */
  async open(cookies: readonly Cookie[]): Promise<Page> {
    const room = this.#idle.pop() ?? (await this.#newRoom());
    this.#inUse.push(room);
    await room.context.addCookies(cookies);
    return room.context.newPage();
  }

  /** Closes all pages, and has their contexts forget them. */
  async closeAll(): Promise<void> {
    const rooms = this.#inUse.splice(0);
    await Promise.all(rooms.map(async (room) => this.#clear(room)));
    this.#idle.push(...rooms);
  }

  /** Closes everything that was opened; the browser stays. */
  async end(): Promise<void> {
    const rooms = [...this.#inUse.splice(0), ...this.#idle.splice(0)];
    await Promise.all(rooms.map(async ({ context }) => context.close()));
  }

  async #newRoom(): Promise<Room> {
    const context = await this.#browser.newContext({
      baseURL: this.#origin,
      timezoneId: 'UTC',
      locale: 'en-GB',
      // Nothing moves: what is looked at is where it will stay.
      reducedMotion: 'reduce',
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    context.setDefaultTimeout(10_000);
    const keeper = await context.newPage();
    await keeper.goto('/healthz');
    return { context, keeper, session: await context.newCDPSession(keeper) };
  }

  /** What a page can keep goes with it: cookies, storage of any kind, workers. The HTTP cache stays. */
  async #clear({ context, keeper, session }: Room): Promise<void> {
    await Promise.all(context.pages().map(async (page) => (page === keeper ? undefined : page.close())));
    await context.clearCookies();
    await session.send('Storage.clearDataForOrigin', { origin: this.#origin, storageTypes: 'all' });
  }
}
