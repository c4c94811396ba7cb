/** Windows of one browser that share nothing but the cached files of the console. */

import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';

export interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly url: string;
}

/** A browser context that can be reused. */
interface Room {
  readonly context: BrowserContext;
  /**
   * A page that stays open: when the last page of an origin closes, its process ends, and with it the compiled code.
   */
  readonly keeper: Page;
  readonly session: CDPSession;
}

/**
 * Each window has its own browser context. A context is reused once its pages are closed, because a new one would have
 * to download and compile the whole console, which is most of the cost of opening a page.
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

  /** Opens an empty page that shares nothing with the other open pages, and has only these cookies. */
  async open(cookies: readonly Cookie[]): Promise<Page> {
    const room = this.#idle.pop() ?? (await this.#newRoom());
    this.#inUse.push(room);
    await room.context.addCookies(cookies);
    return room.context.newPage();
  }

  /** Closes all pages and clears the data of their contexts. */
  async closeAll(): Promise<void> {
    const rooms = this.#inUse.splice(0);
    await Promise.all(rooms.map(async (room) => this.#clear(room)));
    this.#idle.push(...rooms);
  }

  /** Closes everything this object has opened, but not the browser. */
  async end(): Promise<void> {
    const rooms = [...this.#inUse.splice(0), ...this.#idle.splice(0)];
    await Promise.all(rooms.map(async ({ context }) => context.close()));
  }

  async #newRoom(): Promise<Room> {
    const context = await this.#browser.newContext({
      baseURL: this.#origin,
      timezoneId: 'UTC',
      locale: 'en-GB',
      // Without animations, everything stays where it is found.
      reducedMotion: 'reduce',
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    context.setDefaultTimeout(10_000);
    const keeper = await context.newPage();
    await keeper.goto('/healthz');
    return { context, keeper, session: await context.newCDPSession(keeper) };
  }

  /** Clears everything a page can store: cookies, storage of any kind, workers. The HTTP cache stays. */
  async #clear({ context, keeper, session }: Room): Promise<void> {
    await Promise.all(context.pages().map(async (page) => (page === keeper ? undefined : page.close())));
    await context.clearCookies();
    await session.send('Storage.clearDataForOrigin', { origin: this.#origin, storageTypes: 'all' });
  }
}
