/** Attribute definitions in the Management API: every operation, and its effect on updates of profiles. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BackOffice, startBackOffice } from './back-office.ts';
import { type HttpAnswer, send, sendJson } from './client.ts';
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
  test('returns the complete attribute, which is read back unchanged', async () => {
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
    // An attribute of another entity with the same name neither replaces nor hides it.
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

  test('an Application that does not exist is reported', async () => {
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

describe('importing the values an attribute allows', () => {
  const importList = async (id: number, csv: string, field = 'upFile'): Promise<HttpAnswer> => {
    const head = `--cut\r\nContent-Disposition: form-data; name="${field}"; filename="list.csv"\r\nContent-Type: text/csv\r\n`;
    return send(office.server.url, {
      method: 'POST',
      path: `${PATH}/${id}/allowed_list/import`,
      headers: { Authorization: office.admin, 'Content-Type': 'multipart/form-data; boundary=cut' },
      body: `${head}\r\n${csv}\r\n--cut--\r\n`,
    });
  };
  const closed = { hasAllowedList: true, restrictedBySuggestions: true };

  test('replaces the list before, and takes effect on the next update of a profile', async () => {
    const { id, name } = await define({ ...closed, suggestions: ['always'] });
    expect((await update('lists', { [name]: 'gold' })).text).toContain("allowed: 'always'");
    const first = await importList(id, 'item\r\ngold\r\n"sil,ver"\r\n\r\ngold\r\n');
    expectStatus(first, 200);
    expect(first.json()).toEqual({
      id: any.id,
      created: any.time,
      accountId: 1,
      userId: any.id,
      entity: 'AttributeAllowedList',
      amount: 2,
    });
    for (const value of ['gold', 'sil,ver', 'always']) expectStatus(await update('lists', { [name]: value }), 200);
    const refused = await update('lists', { [name]: 'Gold' });
    expectStatus(refused, 400);
    expect(refused.text).toContain(
      `'${name}' does not allow 'Gold'; allowed: 'always', the values of its imported list`,
    );
    expectStatus(await importList(id, '\ufeffITEM\ntin'), 200);
    expectStatus(await update('lists', { [name]: 'tin' }), 200);
    expectStatus(await update('lists', { [name]: 'gold' }), 400);
    expect(await office.ask(200, 'GET', `${PATH}/${id}`)).toMatchObject({ ...closed, suggestions: ['always'] });
    const log = await office.ask<{ data: object[] }>(200, 'GET', `/v1/changes?entityPath=${PATH}/${id}/allowed_list`);
    expect(log.data).toHaveLength(2);
  });

  test('compares values as their type does, each item of a list for itself', async () => {
    const time = await define({ ...closed, type: 'time' });
    expectStatus(await importList(time.id, 'item\n2026-01-31T09:30:00Z\n'), 200);
    expectStatus(await update('typed', { [time.name]: '2026-01-31T10:30:00.0+01:00' }), 200);
    const list = await define({ ...closed, type: '(list number)' });
    expectStatus(await importList(list.id, 'item\n1.0\n2\n'), 200);
    expectStatus(await update('typed', { [list.name]: [2, 1, 2] }), 200);
    expectStatus(await update('typed', { [list.name]: [1, 3] }), 400);
  });

  test('is not in the way of values of an attribute that is not closed', async () => {
    const { id, name } = await define();
    expectStatus(await importList(id, 'item\ngold\n'), 200);
    expect(await office.ask(200, 'GET', `${PATH}/${id}`)).toMatchObject({ hasAllowedList: true });
    expectStatus(await update('open', { [name]: 'anything' }), 200);
  });

  test.each([
    ['another header', 'name\ngold\n', '1'],
    ['two columns', 'item\ngold,silver\n', '2'],
    ['an empty item', 'item\ngold\n""\n', '3'],
    ['an item too long', `item\n${'x'.repeat(1001)}\n`, '2'],
    ['nothing at all', '', '1'],
  ])('%s is refused, and the list before stays', async (_title, csv, line) => {
    const { id, name } = await define(closed);
    expectStatus(await importList(id, 'item\nkept\n'), 200);
    const answer = await importList(id, csv);
    expectStatus(answer, 400);
    expect(checkErrorBody(answer, 'integration')).toContain(`"line":"${line}"`);
    expectStatus(await update('kept', { [name]: 'kept' }), 200);
    expectStatus(await update('kept', { [name]: 'gold' }), 400);
  });

  test('an item of another type, a form without the file and an attribute that is not editable are refused', async () => {
    const number = await define({ ...closed, type: 'number' });
    expect(checkErrorBody(await importList(number.id, 'item\n1\none\n'), 'integration')).toContain('expected a number');
    expectStatus(await importList(number.id, 'item\n1\n', 'file'), 400);
    const fixed = await define({ ...closed, editable: false });
    expectStatus(await importList(fixed.id, 'item\n1\n'), 400);
    expectStatus(await importList(999_999, 'item\n1\n'), 404);
  });
});
