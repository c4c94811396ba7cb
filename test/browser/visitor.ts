/** A signed-in visitor of a running server's console, for tools that check nothing. */

import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';

export type { Browser, Page };

/** Matches placeholders for data that has not loaded yet. */
export const LOADING = 'main .mantine-Skeleton-root';

export interface Account {
  readonly email: string;
  readonly password: string;
}

export interface Session {
  readonly name: string;
  readonly value: string;
  readonly url: string;
}

/** Signs in to the console. @returns the session's cookie */
export async function signIn(url: string, account: Account): Promise<Session> {
  const response = await fetch(`${url}/v1/console/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: account.email, password: account.password }),
  });
  const [pair = ''] = (response.headers.get('set-cookie') ?? '').split(';');
  const separator = pair.indexOf('=');
  if (response.status !== 201 || separator < 1) {
    throw new Error(`${account.email} cannot sign in: ${response.status} ${await response.text()}`);
  }
  return { name: pair.slice(0, separator), value: pair.slice(separator + 1), url };
}

/** Opens a signed-in browser window with an empty cache. */
export async function openWindow(
  browser: Browser,
  session: Session,
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const context = await browser.newContext({
    baseURL: session.url,
    viewport: { width: 1280, height: 800 },
    deviceScaleFactor: 1,
    locale: 'en-GB',
    reducedMotion: 'reduce',
    ...options,
  });
  await context.addCookies([{ ...session }]);
  return context;
}

/** Calls the API with the session; throws unless the call succeeds. */
export async function ask<T>(session: Session, path: string): Promise<T> {
  const headers = { cookie: `${session.name}=${session.value}`, prefer: 'extended' };
  const response = await fetch(session.url + path, { headers });
  if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** Waits until the page has its heading and nothing on it is loading. */
export async function settled(page: Page): Promise<void> {
  await page.getByRole('main').getByRole('heading', { level: 1 }).waitFor();
  await page.locator(LOADING).first().waitFor({ state: 'hidden' });
}
