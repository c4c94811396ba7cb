/** Every page of the console, and what must be visible before it is usable. */

import { ask, LOADING, type Page, type Session } from '../browser/visitor.ts';

export interface ScalePage {
  readonly name: string;
  /** Below /console, including the query. */
  readonly path: string;
  /** The main content of the page, as a selector; without it, the page's heading, with nothing loading. */
  readonly shows?: string;
}

interface Page1<T> {
  readonly data: readonly T[];
}

const HEADING = 'main h1';
const PATIENCE_MS = 60_000;
const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

/** The pages, opened on the largest objects. */
export async function pagesOf(session: Session): Promise<ScalePage[]> {
  const [largest] = (await ask<Page1<{ id: number }>>(session, '/v1/audiences?sort=-membersCount&pageSize=1')).data;
  const [customer] = (
    await ask<Page1<{ id: number; integrationId: string }>>(session, '/v1/customers/no_total?pageSize=1')
  ).data;
  const lately = `rangeStart=${new Date(Date.now() - WEEK_MS).toISOString()}&rangeEnd=${new Date().toISOString()}`;
  const [request] = (
    await ask<Page1<{ uuid: string }>>(session, `/v1/access_logs/no_total?pageSize=1&payloads=false&${lately}`)
  ).data;
  const audience = `/audiences/${largest?.id ?? 0}`;
  const profile = `/profiles/${customer?.id ?? 0}`;
  const settings = '/applications/1/settings';
  return [
    { name: 'Home', path: '/' },
    { name: 'Applications', path: '/applications' },
    { name: 'Application', path: '/applications/1' },
    { name: 'Settings', path: settings },
    { name: 'Integration API Keys', path: `${settings}/api-keys` },
    { name: 'Create API Key', path: `${settings}/api-keys?create=1`, shows: '[role="dialog"] form' },
    { name: 'Audiences', path: '/audiences' },
    { name: 'Audiences, by last change', path: '/audiences?sort=-lastUpdate' },
    { name: 'Audiences, searched', path: '/audiences?q=Segment%2019' },
    { name: 'Largest audience', path: audience },
    { name: 'Its members, one searched', path: `${audience}?member=${customer?.integrationId ?? ''}` },
    { name: 'Its changes', path: `${audience}?tab=changes` },
    { name: 'Its size by hour', path: `${audience}?range=hours` },
    { name: 'Its size over three months', path: `${audience}?range=quarter` },
    { name: 'Its import', path: `${audience}?tab=import` },
    { name: 'Customer profiles', path: '/profiles' },
    { name: 'Profile by integration ID', path: `/profiles?id=${customer?.integrationId ?? ''}` },
    { name: 'Profiles by a common value', path: '/profiles?attribute=Tier&value=Gold' },
    { name: 'Profiles by a rare value', path: '/profiles?attribute=Email&value=customer.77777%40example.com' },
    { name: 'Profile', path: profile },
    { name: 'Attributes', path: '/attributes' },
    { name: 'Activity', path: '/activity' },
    { name: 'Activity, refused only', path: '/activity?status=error' },
    { name: 'Activity, by a rare path', path: '/activity?path=nobody-has-this&time=30d' },
    { name: 'Activity, errors by cause', path: '/activity?tab=errors&time=30d' },
    { name: 'Activity, refused writes', path: '/activity?tab=refused' },
    { name: 'One request', path: `/activity/${request?.uuid ?? ''}` },
    { name: 'Users', path: '/account/users' },
    { name: 'Sessions', path: '/account/sessions' },
    { name: 'Management keys', path: '/account/management-keys' },
    { name: 'Audit log', path: '/account/audit-log' },
    { name: 'About', path: '/account/about' },
  ];
}

/** Waits until the page is usable. @returns ms since the navigation began, by the page's own clock */
export async function timeUntilUsable(page: Page, { shows }: ScalePage): Promise<number> {
  const [wanted, unwanted] = shows === undefined ? [HEADING, LOADING] : [shows, 'never-there'];
  return page.evaluate<number>(`new Promise((resolve, reject) => {
    const look = () => {
      const ready = document.querySelector('${wanted}') !== null && document.querySelector('${unwanted}') === null;
      // It has been painted once the frame after this one begins.
      if (ready) requestAnimationFrame(() => resolve(performance.now()));
      else if (performance.now() > ${PATIENCE_MS}) reject(new Error('not of use after ${PATIENCE_MS} ms'));
      else requestAnimationFrame(look);
    };
    look();
  })`);
}
