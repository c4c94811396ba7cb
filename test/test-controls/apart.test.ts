/** Only an in-memory server started with the option has the test controls or loads their code. */

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { send } from '../http/client.ts';
import { targetOf } from '../http/target.ts';

const DIST = new URL('../../dist/', import.meta.url);
const TELLING = 'The token of the test controls is missing or wrong';

/** The text of a built module and its imports, except what it loads on demand. */
function loadedWith(file: URL, seen: Map<string, string> = new Map()): Map<string, string> {
  if (seen.has(file.href) || !existsSync(file)) return seen;
  const text = readFileSync(file, 'utf8');
  seen.set(file.href, text);
  for (const [, name = ''] of text.matchAll(/^(?:import|export)\s?[^;'"]*?\s?(?:from\s?)?["'](\.[^"']+)["']/gm)) {
    loadedWith(new URL(name, file), seen);
  }
  return seen;
}

test('a server loads them on demand only', () => {
  const serve = /import\("(\.\/chunks\/serve-[\w-]+\.js)"\)/.exec(readFileSync(new URL('main.js', DIST), 'utf8'))?.[1];
  const loaded = loadedWith(new URL(serve ?? 'no such chunk', DIST));
  // It does contain the rest of the server.
  expect([...loaded.values()].some((text) => text.includes('too many writes waiting'))).toBe(true);
  expect([...loaded].filter(([, text]) => text.includes(TELLING)).map(([file]) => file)).toEqual([]);
  const demanded = [...loaded].flatMap(([file, text]) =>
    [...text.matchAll(/import\("(\.\/[^"]*controlled-server[^"]*)"\)/g)].map(([, name = '']) => new URL(name, file)),
  );
  expect(demanded.map((file) => fileURLToPath(file)).length).toBe(1);
  const onDemand = demanded.flatMap((file) => [...loadedWith(file).values()]);
  expect(onDemand.some((text) => text.includes(TELLING))).toBe(true);
});

test.each([
  'GET /test-controls',
  'POST /test-controls/reset',
  'PATCH /test-controls/clock',
  'POST /test-controls/faults',
])('%s is unknown to a server without them', async (call) => {
  const [method = '', path = ''] = call.split(' ');
  const target = await targetOf('default');
  const answer = await send(target.url, { method, path, headers: { Authorization: 'Bearer any' } });
  expect(answer.status).toBe(404);
  expect(answer.json()).toMatchObject({ message: expect.stringContaining(`Unknown path ${method} ${path}`) as string });
});
