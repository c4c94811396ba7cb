/**
 * Writes the documents that describe the API, and the pages on how to connect platforms, into a folder:
 * `node scripts/write-documents.ts FOLDER`. A step of the build.
 */

import { pino } from 'pino';
import { wireParts } from '../src/cli/running.ts';
import { readConfig } from '../src/config.ts';
import { buildApp } from '../src/http/app.ts';
import { collectDocuments, writeDocuments } from '../src/http/documents.ts';
import { MEMORY_URL } from '../src/storage/index.ts';
import { connectPages } from './connect-pages.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('Name the folder');
const closers: (() => Promise<void>)[] = [];
const config = readConfig({}, { ROLLCALL_ACCESS_LOG: 'false' });
const parts = await wireParts(config, MEMORY_URL, pino({ level: 'warn' }), closers);
const lifecycle = { started: true, stopping: false, refusing: false, ending: new AbortController().signal };
const app = await buildApp({ ...parts, lifecycle, describing: true });
await writeDocuments(folder, new Map([...(await collectDocuments(app)), ...(await connectPages())]));
await app.close();
for (const close of closers.reverse()) await close();
