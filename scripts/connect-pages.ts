/**
 * The pages of `docs/connect`, and the one on tests, as the server serves them: rendered once, by the build, with a policy
 * that allows nothing from elsewhere.
 */

import { readdir, readFile } from 'node:fs/promises';
import type { Documents } from '../src/http/documents.ts';
import { FixedDocument } from '../src/http/fixed-document.ts';
import { type RenderedPage, renderMarkdown } from './markdown.ts';

const PAGES = new URL('../docs/connect/', import.meta.url);
const FILES = new URL('../src/http/docs/', import.meta.url);
const BASE = '/docs/connect';
const FIRST = 'index';
/** Beside the others: its file, and where it is served. */
const TESTING = { name: 'testing', file: new URL('../docs/testing.md', import.meta.url), path: '/docs/testing' };

const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Renders all pages and the files they refer to. @throws Error naming the page that cannot be rendered */
export async function connectPages(): Promise<Documents> {
  const names = (await readdir(PAGES))
    .filter((name) => name.endsWith('.md'))
    .map((name) => name.slice(0, -'.md'.length));
  const resolve = (address: string): string => {
    const name = /^(\w+)\.md$/.exec(address)?.[1];
    if (name === undefined || !names.includes(name)) throw new Error(`no page is at ${address}`);
    return pathOf(name);
  };
  const rendered = new Map<string, RenderedPage>();
  for (const name of [...names.sort(), TESTING.name]) {
    const file = name === TESTING.name ? TESTING.file : new URL(`${name}.md`, PAGES);
    try {
      rendered.set(name, renderMarkdown(await readFile(file, 'utf8'), resolve));
    } catch (error) {
      throw new Error(`${file.pathname}: ${(error as Error).message}`, { cause: error });
    }
  }
  const documents = new Map<string, { document: FixedDocument; headers: Readonly<Record<string, string>> }>();
  const add = (path: string, type: string, bytes: Buffer, headers = {}): void => {
    documents.set(path, { document: new FixedDocument(type, bytes), headers });
  };
  for (const [name, page] of rendered) {
    const html = Buffer.from(htmlOf(name, page, rendered));
    add(pathOf(name), 'text/html; charset=utf-8', html, { 'content-security-policy': POLICY });
  }
  add(`${BASE}/connect.css`, 'text/css; charset=utf-8', await readFile(new URL('connect.css', FILES)));
  add(`${BASE}/connect.js`, 'text/javascript; charset=utf-8', await readFile(new URL('connect.js', FILES)));
  add(`${BASE}/logo.svg`, 'image/svg+xml', await readFile(new URL('logo.svg', FILES)));
  return documents;
}

function pathOf(name: string): string {
  if (name === TESTING.name) return TESTING.path;
  return name === FIRST ? BASE : `${BASE}/${name}`;
}

function htmlOf(name: string, { title, html }: RenderedPage, pages: ReadonlyMap<string, RenderedPage>): string {
  const links = [...pages].map(([other, page]) => {
    const current = other === name ? ' aria-current="page"' : '';
    return `<li><a href="${pathOf(other)}"${current}>${other === FIRST ? 'Overview' : page.title}</a></li>`;
  });
  const first = links.splice([...pages.keys()].indexOf(FIRST), 1);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} – Rollcall</title>
<link rel="icon" href="${BASE}/logo.svg">
<link rel="stylesheet" href="${BASE}/connect.css">
<script src="${BASE}/connect.js" defer></script>
</head>
<body>
<header><a href="/console"><img src="${BASE}/logo.svg" alt="" width="28" height="28">Rollcall</a><a href="/docs">API</a></header>
<nav aria-label="Platforms"><ul>${[...first, ...links].join('')}</ul></nav>
<main>
${html}
</main>
</body>
</html>
`;
}
