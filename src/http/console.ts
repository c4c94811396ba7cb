/** Serves the built console under /console: hashed files cached for ever, and its only page for every other address. */

import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { DomainError } from '../domain/errors.ts';
import { FixedDocument, sendFixed } from './fixed-document.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};
const INDEX = 'index.html';
/** Where the page expects the nonce of its response. */
const NONCE = '%CSP-NONCE%';

/** The folder of the build: next to the built program, or at the package's root when run from sources. */
function builtConsole(): string | undefined {
  const candidates = ['../console/', '../../dist/console/'].map((each) =>
    fileURLToPath(new URL(each, import.meta.url)),
  );
  return candidates.find((folder) => existsSync(join(folder, INDEX)));
}

/** All files by their path below the folder; nothing else is served, whatever the path of a request. */
function readFiles(folder: string): Map<string, FixedDocument> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map((entry) => {
      const file = join(entry.parentPath, entry.name);
      const name = file.slice(join(folder, sep).length).replaceAll(sep, '/');
      const type = TYPES[posix.extname(name)] ?? 'application/octet-stream';
      return [name, new FixedDocument(type, readFileSync(file))];
    }),
  );
}

/** Nothing from other hosts, no script but the build's; run-time style sheets carry the response's nonce. */
function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

export async function consoleSurface(app: FastifyInstance): Promise<void> {
  const folder = builtConsole();
  const files = folder === undefined ? new Map<string, FixedDocument>() : readFiles(folder);
  const page = files.get(INDEX)?.bytes.toString('utf8');
  files.delete(INDEX);

  function sendPage(reply: FastifyReply): FastifyReply {
    if (page === undefined) throw new DomainError('not_found', 'The console is not built here (npm run build)');
    const nonce = randomBytes(16).toString('base64url');
    return reply
      .headers({ 'content-security-policy': contentSecurityPolicy(nonce), 'cache-control': 'no-store' })
      .type(TYPES['.html'] ?? '')
      .send(page.replaceAll(NONCE, nonce));
  }

  app.addHook('onRequest', async (_request, reply) => {
    reply.headers({
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    });
  });

  const options = { schema: { hide: true }, config: { operation: 'console' } };
  app.get('/console', options, async (_request, reply) => sendPage(reply));
  app.get<{ Params: { '*': string } }>('/console/*', options, async (request, reply) => {
    const name = request.params['*'];
    const file = files.get(name);
    if (file !== undefined) {
      // Names of assets change with their content; the few other files are revalidated.
      reply.header('cache-control', name.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache');
      return sendFixed(request, reply, file);
    }
    // An old page may request an asset of an older build; serving the page instead would only confuse the browser.
    if (name.startsWith('assets/')) throw new DomainError('not_found', 'The console has no such file; reload the page');
    return sendPage(reply);
  });
}
