/** Attribute definitions over the Management API: every operation, and what updates of profiles make of them. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BackOffice, startBackOffice } from './back-office.ts';
import { type HttpAnswer, sendJson } from './client.ts';
import { any, checkErrorBody, expectStatus } from './scenario.ts';

interface Attribute {
  readonly id: number;
  readonly name: string;
  readonly description: string;
}
interface Page {
  readonly totalResultSize: number;
  readonly data: readonly Attribute[];
}

let office: BackOffice;
beforeAll(async () => {
  office = await startBackOffice();
});
afterAll(async () => office.server.stop());

const PATH = '/v1/attributes';
let made = 0;
function body(change: object = {}): object {
  made += 1;
  const name = `Made${made}`;
  return {
    entity: 'CustomerProfile',
    name,
    title: name,
    type: 'string',
    description: '',
    suggestions: [],
    editable: true,
    ...change,
  };
}
const define = async (change: object = {}): Promise<Attribute> => office.ask(201, 'POST', PATH, { body: body(change) });
const list = async (query: string): Promise<Page> => office.ask(200, 'GET', `${PATH}?${query}`);
const names = ({ data }: Page): string[] => data.map(({ name }) => name);
const update = async (id: string, attributes: object): Promise<HttpAnswer> =>
  sendJson(office.server.url, office.server.keys['customerData'] ?? '', 'PUT', `/cdp/customer_profile/${id}`, {
    attributes,
  });

describe('defining', () => {
  test('answers the whole attribute, which is read back the same', async () => {
    const created = await office.ask<Attribute>(201, 'POST', PATH, {
      body: {
        entity: 'CustomerProfile',
        name: 'Tier_1',
        title: 'Tier (new)',
        type: '(list string)',
        description: 'Ränge 😀',
        suggestions: ['gold', 'silver'],
        editable: true,
        restrictedBySuggestions: true,
        hasAllowedList: null,
        subscribedApplicationsIds: [2, 1],
      },
    });
    expect(created).toEqual({
      id: any.id,
      created: any.time,
      accountId: 1,
      entity: 'CustomerProfile',
      name: 'Tier_1',
      title: 'Tier (new)',
      type: '(list string)',
      description: 'Ränge 😀',
      suggestions: ['gold', 'silver'],
      editable: true,
      hasAllowedList: false,
      restrictedBySuggestions: true,
      subscribedApplicationsIds: [2, 1],
    });
    expect(await office.ask(200, 'GET', `${PATH}/${created.id}`)).toEqual(created);
  });

  test('what only other entities carry is kept as it was sent', async () => {
    const event = { entity: 'Event', eventType: 'signup' };
    const item = { entity: 'CartItem', subscribedCatalogsIds: [3], allowedSubscriptions: ['catalog'] };
    for (const each of [event, item]) {
      const created = await define(each);
      expect(created).toMatchObject(each);
      expect(await office.ask(200, 'GET', `${PATH}/${created.id}`)).toEqual(created);
    }
  });

  test('a name and a title are taken once per entity', async () => {
    const base = { name: 'Once', title: 'Once only' };
    await define(base);
    await office.ask(409, 'POST', PATH, { body: body({ ...base, title: 'Other' }) });
    await office.ask(409, 'POST', PATH, { body: body({ ...base, name: 'Other' }) });
    expect(await define({ ...base, entity: 'Coupon' })).toMatchObject(base);
    // Its namesake of another entity neither replaces nor shadows it.
    expectStatus(await update('once', { Once: 'x' }), 200);
  });

  test('only those of customer profiles can be set on a profile', async () => {
    const { name } = await define({ entity: 'CustomerSession' });
    const answer = await update('session', { [name]: 'x' });
    expectStatus(answer, 400);
    expect(answer.text).toContain(`'${name}' is not defined`);
  });

  test.each([
    ['no body', undefined],
    ['nothing', {}],
    ['an unknown entity', { entity: 'Person' }],
    ['an unknown type', { type: 'date' }],
    ['a name with a blank', { name: 'a b' }],
    ['an empty name', { name: '' }],
    ['a name too long', { name: 'x'.repeat(256) }],
    ['a title that starts with a digit', { title: '1st' }],
    ['no description', { description: undefined }],
    ['a NUL in the description', { description: 'a\u0000' }],
    ['an endless description', { description: 'x'.repeat(10_001) }],
    ['51 suggestions', { suggestions: Array.from({ length: 51 }, (_, index) => `s${index}`) }],
    ['an empty suggestion', { suggestions: [''] }],
    ['suggestions that are numbers', { suggestions: [1] }],
    ['a restriction to nothing', { restrictedBySuggestions: true }],
    ['editable as text', { editable: 'true' }],
    ['an Application that is no number', { subscribedApplicationsIds: ['1'] }],
  ])('%s is refused and nothing is defined', async (_title, change) => {
    const before = await list('pageSize=1');
    const answer = await office.call('POST', PATH, {
      body: change === undefined ? undefined : Object.keys(change).length === 0 ? {} : body(change),
    });
    expectStatus(answer, 400);
    checkErrorBody(answer, 'integration');
    expect((await list('pageSize=1')).totalResultSize).toBe(before.totalResultSize);
  });

  test('an Application that does not exist is told', async () => {
    await office.ask(404, 'POST', PATH, { body: body({ subscribedApplicationsIds: [999] }) });
  });
});

describe('listing', () => {
  test('filters by entity, type, Application and text, in pages', async () => {
    const only = { subscribedApplicationsIds: [2], description: 'zzfilter Two' };
    const two = await define({ name: 'ZzTwo', type: 'time', ...only });
    await define({ name: 'ZzAll', type: 'number', description: 'ZZFILTER' });
    await define({ name: 'ZzCard', entity: 'LoyaltyCard', description: 'zzfilter' });
    expect(names(await list('search=zzFilter'))).toEqual(['ZzTwo', 'ZzAll', 'ZzCard']);
    expect(names(await list('search=zzfilter&entity=CustomerProfile&sort=name'))).toEqual(['ZzAll', 'ZzTwo']);
    expect(names(await list('search=zzfilter&type=time'))).toEqual(['ZzTwo']);
    expect(names(await list('search=zzfilter&applicationIds=1'))).toEqual(['ZzAll', 'ZzCard']);
    expect(names(await list('search=zzfilter&applicationIds=1,2&sort=-id'))).toEqual(['ZzCard', 'ZzAll', 'ZzTwo']);
    expect(names(await list('search=zzfilter&loyaltyProgramIds=5'))).toEqual(['ZzCard']);
    expect(await list('kind=builtin')).toEqual({ totalResultSize: 0, data: [] });
    const page = await list('search=zzfilter&kind=custom&pageSize=1&skip=1');
    expect({ names: names(page), total: page.totalResultSize }).toEqual({ names: ['ZzAll'], total: 3 });
    expect((await list('search=zzfilter&pageSize=1')).data).toEqual([two]);
  });

  test.each([
    'pageSize=0',
    'skip=x',
    'sort=description',
    'entity=Person',
    'type=date',
    'kind=own',
    'applicationIds=1;2',
    'loyaltyProgramIds=one',
  ])('%s is refused', async (query) => {
    await office.ask(400, 'GET', `${PATH}?${query}`);
  });

  test('an attribute that does not exist is 404, what is no number 400', async () => {
    await office.ask(404, 'GET', `${PATH}/999999`);
    await office.ask(400, 'GET', `${PATH}/Tier`);
    await office.ask(404, 'PUT', `${PATH}/999999`, { body: body() });
  });
});

describe('changing', () => {
  test('description, suggestions, restriction and Applications; what is absent stays', async () => {
    const given = body({ subscribedApplicationsIds: [1], suggestions: ['a'] });
    const { id } = await office.ask<Attribute>(201, 'POST', PATH, { body: given });
    const change = { description: 'now', suggestions: ['a', 'b'], restrictedBySuggestions: true };
    const changed = await office.ask<Attribute>(200, 'PUT', `${PATH}/${id}`, {
      body: { ...given, subscribedApplicationsIds: undefined, ...change },
    });
    expect(changed).toMatchObject({ ...change, subscribedApplicationsIds: [1] });
    expect(await office.ask(200, 'GET', `${PATH}/${id}`)).toEqual(changed);
    const everywhere = { ...changed, subscribedApplicationsIds: [] };
    expect(await office.ask(200, 'PUT', `${PATH}/${id}`, { body: everywhere })).toEqual(everywhere);
  });

  test.each([
    ['name', 'Another'],
    ['title', 'Another'],
    ['type', 'number'],
    ['entity', 'Coupon'],
    ['editable', false],
  ])('%s cannot be changed', async (field, value) => {
    const before = await define();
    const answer = await office.call('PUT', `${PATH}/${before.id}`, { body: { ...before, [field]: value } });
    expectStatus(answer, 400);
    expect(answer.text).toContain(`"pointer":"/${field}"`);
    expect(await office.ask(200, 'GET', `${PATH}/${before.id}`)).toEqual(before);
  });

  test('one that is not editable stays as it is', async () => {
    const before = await define({ editable: false });
    await office.ask(400, 'PUT', `${PATH}/${before.id}`, { body: { ...before, description: 'x' } });
    expect(await office.ask(200, 'GET', `${PATH}/${before.id}`)).toEqual(before);
  });

  test('takes effect on the next update of a profile', async () => {
    const before = await define({ suggestions: ['gold'], restrictedBySuggestions: true });
    const refused = await update('ada', { [before.name]: 'silver' });
    expectStatus(refused, 400);
    expect(refused.text).toContain(`'${before.name}' does not allow 'silver'; allowed: 'gold'`);
    await office.ask(200, 'PUT', `${PATH}/${before.id}`, { body: { ...before, suggestions: ['gold', 'silver'] } });
    expectStatus(await update('ada', { [before.name]: 'silver' }), 200);
    await office.ask(200, 'PUT', `${PATH}/${before.id}`, { body: { ...before, subscribedApplicationsIds: [2] } });
    expect((await update('ada', { [before.name]: 'gold' })).text).toContain('is not defined');
  });
});
