/**
 * The OpenAPI document and the pages of /docs, as bytes. The build gets them once from an application that describes
 * itself, and the server only serves them.
 */

import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { DomainError } from '../domain/errors.ts';
import { CONTENT_CODINGS, type ContentCoding, FixedDocument, sendFixed } from './fixed-document.ts';

const LIST = 'documents.json';
const PAGES = ['/openapi.json', '/docs', '/docs/json', '/docs/yaml'];
const HEADERS = ['content-security-policy'] as const;

/** A document and the path it is served at. */
interface ServedDocument {
  readonly document: FixedDocument;
  readonly headers: Readonly<Record<string, string>>;
}

export type Documents = ReadonlyMap<string, ServedDocument>;

/** An entry of the list that the build writes. */
interface ListedDocument {
  readonly path: string;
  readonly type: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Name of its file; the compressed forms append their coding. */
  readonly file: string;
}

/**
 * Gets the documents of an application, and everything that their pages refer to.
 * @param app one that describes itself
 */
export async function collectDocuments(app: FastifyInstance): Promise<Documents> {
  const documents = new Map<string, ServedDocument>();
  const paths = new Set(PAGES);
  // Grows during the loop.
  for (const path of paths) {
    const answer = await app.inject({ method: 'GET', url: path });
    if (answer.statusCode !== 200) throw new Error(`${path} answers ${answer.statusCode}: ${answer.payload}`);
    const type = String(answer.headers['content-type']);
    const headers: Record<string, string> = {};
    for (const name of HEADERS) {
      const value = answer.headers[name];
      if (value !== undefined) headers[name] = value;
    }
    documents.set(path, { document: new FixedDocument(type, answer.rawPayload), headers });
    if (!type.startsWith('text/html')) continue;
    for (const [, reference = ''] of answer.payload.matchAll(/(?:src|href)="(\/docs\/[^"]+)"/g)) paths.add(reference);
  }
  return documents;
}

/** Writes documents, and their compressed forms, into a folder. */
export async function writeDocuments(folder: string, documents: Documents): Promise<void> {
  await mkdir(folder, { recursive: true });
  const list: ListedDocument[] = [];
  for (const [path, { document, headers }] of documents) {
    const file = path.slice(1).replaceAll('/', '-');
    list.push({ path, type: document.type, headers, file });
    await writeFile(join(folder, file), document.bytes);
    for (const coding of document.isCompressible ? CONTENT_CODINGS : []) {
      await writeFile(join(folder, `${file}.${coding}`), await document.encoded(coding));
    }
  }
  await writeFile(join(folder, LIST), JSON.stringify(list));
}

/** Reads what `writeDocuments` wrote. */
async function readDocuments(folder: string): Promise<Documents> {
  const list = JSON.parse(await readFile(join(folder, LIST), 'utf8')) as ListedDocument[];
  const read = async ({ path, type, headers, file }: ListedDocument): Promise<[string, ServedDocument]> => {
    const bytes = await readFile(join(folder, file));
    const made: Partial<Record<ContentCoding, Buffer>> = {};
    for (const coding of CONTENT_CODINGS) {
      const form = await readFile(join(folder, `${file}.${coding}`)).catch(() => undefined);
      if (form !== undefined) made[coding] = form;
    }
    return [path, { document: new FixedDocument(type, bytes, made), headers }];
  };
  return new Map(await Promise.all(list.map(read)));
}

/** The folder of the build: next to the built program, or at the package's root when run from sources. */
function builtDocuments(): string | undefined {
  const candidates = ['../documents/', '../../dist/documents/'].map((each) =>
    fileURLToPath(new URL(each, import.meta.url)),
  );
  return candidates.find((folder) => existsSync(join(folder, LIST)));
}

/**
 * Serves the documents of the build or, in a checkout without a build, those of a describing application, generated
 * once.
 * @param describe creates that application
 */
export async function documentsSurface(
  app: FastifyInstance,
  { describe }: { describe: () => Promise<FastifyInstance> },
): Promise<void> {
  let loading: Promise<Documents> | undefined;

  async function load(): Promise<Documents> {
    const folder = builtDocuments();
    if (folder !== undefined) return readDocuments(folder);
    const describing = await describe();
    try {
      return await collectDocuments(describing);
    } finally {
      await describing.close();
    }
  }

  const route = (path: string, operation: string): void => {
    app.get(path, { schema: { hide: true }, config: { operation } }, async (request, reply) => {
      loading ??= load();
      loading.catch(() => {
        loading = undefined;
      });
      const { pathname } = new URL(request.url, 'http://localhost');
      const served = (await loading).get(pathname);
      if (served === undefined) throw new DomainError('not_found', 'There is no such page; start at /docs');
      // Revalidated each time, at the price of a 304.
      reply.headers({ ...served.headers, 'cache-control': 'no-cache' });
      return sendFixed(request, reply, served.document);
    });
  };
  route('/openapi.json', 'openapi');
  route('/docs', 'docs');
  route('/docs/*', 'docs');
}
