/** Changes that turn a valid request into an invalid one, as fast-check arbitraries. */

import fc from 'fast-check';
import { hostileJson, hostileText, rawToken, textChange, writeJson } from './hostile-values.ts';
import type { Keys } from './lab.ts';
import type { Json } from './openapi-document.ts';
import type { Draft } from './request-generator.ts';

export type Mutation = (draft: Draft) => void;

/** A place in a body: the container and the key in it, which the root does not have. */
type Place =
  | { readonly container: Json[]; readonly at: number }
  | { readonly container: { [name: string]: Json }; readonly at: string };

function placesOf(value: Json, places: Place[] = []): Place[] {
  if (Array.isArray(value)) {
    for (const [at, each] of value.entries()) {
      places.push({ container: value, at });
      placesOf(each, places);
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [at, each] of Object.entries(value)) {
      places.push({ container: value, at });
      placesOf(each, places);
    }
  }
  return places;
}

function valueAt(place: Place): Json {
  return (Array.isArray(place.container) ? place.container[place.at as number] : place.container[place.at]) ?? null;
}

function put(place: Place, value: Json): void {
  if (Array.isArray(place.container)) place.container[place.at as number] = value;
  else setKey(place.container, String(place.at), value);
}

/** Sets a key of any name, including `__proto__`. */
function setKey(object: { [name: string]: Json }, name: string, value: Json): void {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}

/** Applies `change` to one place of the body, chosen by `choice`; replaces a body without places. */
const inBody =
  (choice: number, change: (place: Place) => void, otherwise: Json): Mutation =>
  (draft) => {
    const places = placesOf(draft.body ?? null);
    const place = places[choice % Math.max(1, places.length)];
    if (place === undefined) draft.body = otherwise;
    else change(place);
  };

const nat = fc.nat(10_000);

const replaceValue = fc
  .tuple(nat, hostileJson)
  .map(([choice, value]) => inBody(choice, (place) => put(place, value), value));

const removeValue = nat.map((choice) =>
  inBody(
    choice,
    (place) => {
      if (Array.isArray(place.container)) place.container.splice(place.at as number, 1);
      else Reflect.deleteProperty(place.container, place.at);
    },
    {},
  ),
);

const addKey = fc.tuple(nat, hostileText, hostileJson).map(
  ([choice, name, value]): Mutation =>
    (draft) => {
      const objects = placesOf(draft.body ?? null)
        .map((place) => valueAt(place))
        .concat(draft.body ?? null)
        .filter((each) => typeof each === 'object' && each !== null && !Array.isArray(each));
      const object = objects[choice % Math.max(1, objects.length)] as { [name: string]: Json } | undefined;
      if (object !== undefined) setKey(object, name, value);
    },
);

const MAX_STRETCHED = 2_000_000;

/** Lists around the limit of 1000, strings in place of numbers, and the reverse. */
const stretch = fc.tuple(nat, fc.constantFrom(2, 999, 1000, 1001, 1500)).map(([choice, length]) =>
  inBody(
    choice,
    (place) => {
      const value = valueAt(place);
      const item = (Array.isArray(value) ? value[0] : value) ?? 1;
      // Bodies beyond the size limit have their own test; nested lists would get there quickly.
      if (JSON.stringify(item).length * length > MAX_STRETCHED) return;
      put(
        place,
        Array.from({ length }, () => structuredClone(item)),
      );
    },
    [],
  ),
);

const retype = nat.map((choice) =>
  inBody(
    choice,
    (place) => {
      const value = valueAt(place);
      if (typeof value === 'number') put(place, String(value));
      else if (typeof value === 'string') put(place, value.length);
      else if (Array.isArray(value)) put(place, Object.fromEntries(value.entries()));
      else if (typeof value === 'boolean') put(place, value ? 'true' : 0);
      else put(place, [value]);
    },
    0,
  ),
);

const bigNumber = fc
  .tuple(nat, fc.constantFrom('9007199254740992', '9223372036854775807', '1e999', '-0', '1.0', '1.5', '0', '-1'))
  .map(([choice, token]) => inBody(choice, (place) => put(place, rawToken(token)), 1));

const brokenText = textChange.map(
  (change): Mutation =>
    (draft) => {
      if (draft.body !== undefined) draft.bytes = change(writeJson(draft.body));
    },
);

function setHeader(draft: Draft, name: string, value: string | undefined): void {
  const rest = draft.headers.filter(([each]) => each.toLowerCase() !== name.toLowerCase());
  draft.headers.splice(
    0,
    draft.headers.length,
    ...rest,
    ...(value === undefined ? [] : [[name, value] as [string, string]]),
  );
}

/** A text that a header can contain: no line breaks, no NUL. */
const headerText = hostileText.map((text) => text.toWellFormed().replace(/[\0-\x08\x0a-\x1f\x7f]/g, ' '));

const contentType = fc.oneof(
  fc.constantFrom<string | undefined>(
    undefined,
    '',
    'text/plain',
    'text/html',
    'application/xml',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json; charset=utf-16',
    'application/json; charset="',
    'application/json;;;;',
    'APPLICATION/JSON',
    'application/vnd.api+json',
    'json',
    ';',
    '/',
  ),
  headerText,
);

const authorization = (keys: Keys): fc.Arbitrary<string | undefined> =>
  fc.oneof(
    fc.constantFrom<string | undefined>(
      undefined,
      '',
      keys.live,
      `Bearer ${keys.live}`,
      `Basic ${Buffer.from(`x:${keys.live}`).toString('base64')}`,
      `apikey-V1   ${keys.live}`,
      `ApiKey-v1${keys.live}`,
      `ApiKey-v1 ${keys.live} x`,
      `ApiKey-v1 ${keys.live.slice(0, -1)}`,
      `ApiKey-v1 ${keys.live.toLowerCase()}`,
      `ApiKey-v1 ${'k'.repeat(5000)}`,
      ...[
        keys.expired,
        keys.deleted,
        keys.segment,
        keys.generic,
        keys.readOnly,
        keys.sandbox,
        keys.shop,
        keys.live,
      ].map((key) => `ApiKey-v1 ${key}`),
    ),
    headerText,
  );

const header = (keys: Keys): fc.Arbitrary<Mutation> =>
  fc.oneof(
    {
      weight: 2,
      arbitrary: contentType.map(
        (value): Mutation =>
          (draft) =>
            setHeader(draft, 'Content-Type', value),
      ),
    },
    {
      weight: 3,
      arbitrary: authorization(keys).map(
        (value): Mutation =>
          (draft) =>
            setHeader(draft, 'Authorization', value),
      ),
    },
    {
      weight: 2,
      arbitrary: headerText.map(
        (value): Mutation =>
          (draft) =>
            setHeader(draft, 'customer-data-platform-name', value),
      ),
    },
    {
      weight: 2,
      arbitrary: fc
        .oneof(
          headerText,
          fc.constantFrom(
            'other.example.net',
            'https://',
            'a..b',
            'promo.example.com:99999',
            '[::1',
            'http://promo.example.com/x?y#z',
          ),
        )
        .map(
          (value): Mutation =>
            (draft) =>
              setHeader(draft, 'destination-hostname', value),
        ),
    },
    {
      weight: 1,
      // Repeats one of the request's own headers.
      arbitrary: fc.tuple(nat, headerText).map(
        ([choice, value]): Mutation =>
          (draft) => {
            const again = draft.headers[choice % draft.headers.length];
            if (again !== undefined) draft.headers.push([again[0], choice % 2 === 0 ? again[1] : value]);
          },
      ),
    },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom<[string, string]>(
          ['Expect', '100-continue'],
          ['Expect', 'nothing good'],
          ['Connection', 'close'],
          ['Connection', 'Upgrade'],
          ['Upgrade', 'websocket'],
          ['Content-Encoding', 'gzip'],
          ['Content-Encoding', 'identity'],
          ['X-HTTP-Method-Override', 'DELETE'],
          ['X-Forwarded-For', '1.2.3.4'],
          ['Idempotency-Key', 'same'],
          ['Accept', 'application/xml'],
          ['Accept-Version', '9.9.9'],
          ['Prefer', 'handling=lenient'],
          ['If-None-Match', '*'],
          ['Range', 'bytes=0-1'],
          ['X-Long', 'x'.repeat(8000)],
        )
        .map(
          (each): Mutation =>
            (draft) =>
              void draft.headers.push(each),
        ),
    },
  );

const param = (encoded: fc.Arbitrary<string>): fc.Arbitrary<Mutation> =>
  encoded.map(
    (value): Mutation =>
      (draft) => {
        const name = Object.keys(draft.params)[0];
        // An empty segment makes another path.
        if (name !== undefined && value !== '') draft.params[name] = value;
      },
  );

/** Paths that the server may interpret: invalid escapes, misplaced slashes, other spellings. */
const rawPath = fc
  .tuple(
    fc.constantFrom(
      '%',
      '%zz',
      '%00',
      '%ed%a0%80',
      '%ff',
      '//',
      '/',
      '/../',
      '/./',
      '#x',
      '?',
      '\\',
      ';v=1',
      '%2f',
      '%252f',
      '.',
      '+',
      '*',
      '"',
      '<',
      '\u00e4',
      '|',
    ),
    fc.double({ min: 0, max: 1, noNaN: true }),
  )
  .map(
    ([piece, fraction]): Mutation =>
      (draft) => {
        const { path } = draft.operation;
        const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => draft.params[name] ?? '');
        const at = Math.floor(filled.length * fraction);
        draft.target = filled.slice(0, at) + piece + filled.slice(at);
        if (!draft.target.startsWith('/')) draft.target = `/${draft.target}`;
        draft.aim = 'anything';
      },
  );

const otherPath = fc
  .constantFrom(
    '/cdp',
    '/cdp/',
    '/cdp/v3/audiences',
    '/cdp/v2/customer_profile/audiences',
    '/CDP/audiences',
    '/v1/none',
    '/nope',
    '/cdp/customer_profiles/x',
    `/cdp/${'x/'.repeat(500)}`,
    '/segment/none',
    '/%63dp/audiences',
  )
  .map(
    (target): Mutation =>
      (draft) => {
        draft.target = target;
        draft.aim = 'anything';
      },
  );

const query = fc
  .tuple(fc.constantFrom('skipNonExistingAttributes', 'profile', '__proto__', 'a[b]', 'constructor', 'x'), hostileText)
  .map(
    ([name, value]): Mutation =>
      (draft) =>
        void draft.query.push([name, encodeURIComponent(value.toWellFormed())]),
  );

const rawQuery = fc
  .constantFrom(
    '%',
    '%zz',
    '&&&',
    '=',
    'a=b=c',
    'skipNonExistingAttributes',
    'skipNonExistingAttributes=%00',
    '\u00fc=1',
    'x'.repeat(4000),
  )
  .map(
    (text): Mutation =>
      (draft) =>
        void draft.query.push([text, '1']),
  );

const method = fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS').map(
  (other): Mutation =>
    (draft) => {
      if (other === draft.method || (other === 'HEAD' && draft.method === 'GET')) return;
      draft.method = other;
      draft.aim = draft.aim === 'operation' ? 'other method' : 'anything';
    },
);

const chunked = fc.constantFrom(1, 7, 1024).map(
  (chunkSize): Mutation =>
    (draft) => {
      const length = draft.bytes?.length ?? JSON.stringify(draft.body ?? '').length;
      if (length < 4000) draft.chunkSize = chunkSize;
    },
);

/** Any one change. */
export function mutation(keys: Keys): fc.Arbitrary<Mutation> {
  return fc.oneof(
    { weight: 10, arbitrary: replaceValue },
    { weight: 4, arbitrary: removeValue },
    { weight: 4, arbitrary: addKey },
    { weight: 2, arbitrary: stretch },
    { weight: 4, arbitrary: retype },
    { weight: 3, arbitrary: bigNumber },
    { weight: 6, arbitrary: brokenText },
    { weight: 10, arbitrary: header(keys) },
    { weight: 4, arbitrary: param(hostileText.map((text) => encodeURIComponent(text.toWellFormed()))) },
    { weight: 3, arbitrary: rawPath },
    { weight: 1, arbitrary: otherPath },
    { weight: 3, arbitrary: query },
    { weight: 1, arbitrary: rawQuery },
    { weight: 2, arbitrary: method },
    { weight: 2, arbitrary: chunked },
  );
}
