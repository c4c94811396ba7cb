/**
 * The samples of the senders, run against the real server, and the pages of docs/connect, which show exactly these
 * samples.
 */

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { filesOf, runSender, sampleOf, senders } from '../../examples/senders/run.ts';
import { type Language, render } from '../../examples/senders/templates.ts';
import { type BackOffice, startBackOffice } from '../http/back-office.ts';
import { sendJson } from '../http/client.ts';

/** The expected answers to a sample, in order, and the expected state afterwards. */
interface Outcome {
  readonly statuses: readonly number[];
  /** Names of audiences, by profile. */
  readonly audiences: Readonly<Record<string, readonly string[]>>;
  /** The tier, by profile. */
  readonly tiers: Readonly<Record<string, string | undefined>>;
}

const OUTCOMES: Readonly<Record<string, Outcome>> = {
  amplitude: {
    statuses: [204],
    audiences: { 'amplitude-1': ['First audience'], 'amplitude-2': ['First audience'] },
    tiers: {},
  },
  bloomreach: {
    statuses: [200, 200],
    audiences: { 'bloomreach/ada@example.com': [] },
    tiers: { 'bloomreach/ada@example.com': 'gold' },
  },
  census: {
    statuses: [204, 204, 204],
    audiences: { 'census-1': [], 'census-2': [] },
    tiers: { 'census-1': 'gold', 'census-2': 'silver' },
  },
  curl: { statuses: [200], audiences: { 'curl-1': ['Newsletter'], 'curl-2': [] }, tiers: { 'curl-1': 'gold' } },
  emarsys: { statuses: [200, 200], audiences: { 'emarsys-1': [] }, tiers: {} },
  hightouch: {
    statuses: [204, 204, 204, 200, 200, 200, 204],
    audiences: { 'hightouch-1': ['First audience'], 'hightouch-2': [] },
    tiers: { 'hightouch-2': 'gold' },
  },
  mparticle: {
    statuses: [200, 200],
    audiences: { 'mparticle-1': ['Travel'], 'mparticle-2': [] },
    tiers: { 'mparticle-1': 'gold' },
  },
  rudderstack: { statuses: [200], audiences: {}, tiers: { 'rudder-1': 'gold' } },
  segment: {
    statuses: [200, 404, 201, 204, 204, 204],
    audiences: { 'segment/1': ['big_spenders'], 'segment/2': [] },
    tiers: { 'segment/1': 'gold' },
  },
  tealium: {
    statuses: [201, 204, 204, 200],
    audiences: { 'tealium-4711': [] },
    tiers: { 'tealium-4711': 'gold' },
  },
};

const page = (name: string): string => readFileSync(new URL(`../../docs/connect/${name}.md`, import.meta.url), 'utf8');

let office: BackOffice;
let managementKey: string;
beforeAll(async () => {
  office = await startBackOffice();
  const endpoints = [
    { method: 'GET', path: '/v1/audiences' },
    { method: 'GET', path: '/v1/attributes' },
    { method: 'POST', path: '/v1/customer_search/no_total' },
  ];
  const body = { name: 'Samples', expiryDate: '2099-06-30', endpoints };
  managementKey = (await office.ask<{ key: string }>(201, 'POST', '/v1/management_keys', { body })).key;
});
afterAll(async () => office.server.stop());

async function keyFor(platform: string): Promise<string> {
  const body = { title: platform, expires: '2099-06-30', platform };
  return (await office.ask<{ key: string }>(201, 'POST', '/v1/applications/1/apikeys', { body })).key;
}

test('every sender has a sample, a page and an outcome', async () => {
  const folders = await senders();
  expect(folders).toEqual(Object.keys(OUTCOMES).sort());
  const pages = readdirSync(new URL('../../docs/connect/', import.meta.url))
    .filter((name) => name.endsWith('.md'))
    .map((name) => name.slice(0, -'.md'.length));
  expect(pages.sort()).toEqual([...folders, 'index'].sort());
  for (const name of folders) expect(page('index')).toContain(`](${name}.md)`);
});

const hasPrograms = ['sh', 'curl'].every((program) => spawnSync(program, ['--version']).error === undefined);

test('the server shows the pages, under a policy that lets nothing foreign in, and no link leads nowhere', async () => {
  const names = ['', ...(await senders()).map((name) => `/${name}`)];
  const links = new Set<string>();
  for (const name of names) {
    const response = await fetch(`${office.server.url}/docs/connect${name}`);
    const html = await response.text();
    expect(response.status, name).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'self';/);
    expect(html).not.toMatch(/ style="| on\w+="|<style|<script>|https?:\/\/(?!rollcall\.example\.com)[^<]*" /);
    for (const [, to = ''] of html.matchAll(/(?:href|src)="([^"]+)"/g)) links.add(to);
  }
  expect(links.size).toBeGreaterThan(names.length);
  for (const to of links) expect([to, (await fetch(office.server.url + to)).status]).toEqual([to, 200]);
  expect((await fetch(`${office.server.url}/docs/connect/nobody`)).status).toBe(404);
});

describe.each(Object.entries(OUTCOMES))('%s', (sender, { statuses, audiences, tiers }) => {
  test.skipIf(sender === 'curl' && !hasPrograms)('sends what it should, and it arrives', async () => {
    const { url, keys } = office.server;
    const { key } = await sampleOf(sender);
    const sent = await runSender(sender, { url, key: await keyFor(key), managementKey });
    expect(
      sent.map(({ status }) => status),
      JSON.stringify(sent),
    ).toEqual(statuses);
    const generic = keys['generic'] ?? '';
    const found = await sendJson(url, generic, 'POST', '/v1/customer_profiles/audiences/lookup', {
      integrationIds: Object.keys(audiences),
    });
    const { data } = found.json() as { data: { integrationId: string; audiences: { name: string }[] }[] };
    expect(data.map((each) => [each.integrationId, each.audiences.map(({ name }) => name)])).toEqual(
      Object.entries(audiences),
    );
    for (const [id, tier] of Object.entries(tiers)) {
      const path = `/v1/customer_profiles/${encodeURIComponent(id)}/inventory?profile=true`;
      const answer = (await sendJson(url, generic, 'GET', path)).json();
      expect(answer).toMatchObject({ profile: { integrationId: id, attributes: { Tier: tier } } });
    }
  });

  test('has a page that shows every file of the sample as it is run', async () => {
    const text = page(sender);
    for (const [name, content] of await filesOf(sender)) {
      expect(text).toContain(`examples/senders/${sender}/${name}`);
      expect(text.includes(`\n${content.trimEnd()}\n\`\`\`\n`), `${name} is not in the page as it is`).toBe(true);
    }
  });
});

// Third-party implementations of the senders' template languages, as far as npm has any.
const require = createRequire(new URL('../clients/package.json', import.meta.url));
const { Liquid } = require('liquidjs') as {
  Liquid: new () => { parseAndRenderSync(text: string, data: object): string };
};
const { renderString } = require('nunjucks') as { renderString: (text: string, data: object) => string };
const mustache = require('mustache') as { render: (text: string, data: object) => string };
const ENGINES: Readonly<Partial<Record<Language, (text: string, data: object) => string>>> = {
  liquid: (text, data) => new Liquid().parseAndRenderSync(text, data),
  jinja: renderString,
  mustache: mustache.render,
};

test('the stand-ins for template languages agree with implementations that others wrote', async () => {
  let compared = 0;
  for (const sender of await senders()) {
    const { language, data = {} } = await sampleOf(sender);
    const engine = language === undefined ? undefined : ENGINES[language];
    if (language === undefined || engine === undefined) continue;
    for (const [name, text] of await filesOf(sender)) {
      if (!name.endsWith('.http')) continue;
      expect(render(language, text, data)).toBe(engine(text, data));
      compared += 1;
    }
  }
  expect(compared).toBeGreaterThan(4);
});

test('a template that the data does not fill is refused, not sent', () => {
  expect(() => render('liquid', '{{ row.missing }}', { row: {} })).toThrow('the data has no row.missing');
  expect(() => render('liquid', '{% if row %}{% endif %}', { row: {} })).toThrow('{% if row %}');
  expect(() => render('freemarker', '<#assign x = 1>', {})).toThrow('<#assign');
});
