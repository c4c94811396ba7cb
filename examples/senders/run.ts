/**
 * Sends what a sender would send: `ROLLCALL_URL=… ROLLCALL_KEY=… node examples/senders/run.ts tealium`. The folder of a
 * sender contains its settings (templates of requests, a function, a mapping), and `sample.json` with the data of a
 * run.
 */

import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { runInNewContext } from 'node:vm';
import { type Language, render, valueOf } from './templates.ts';

/** Where the samples are sent, and with which keys. */
export interface Destination {
  readonly url: string;
  readonly key: string;
  /** Only some senders use the Management API. */
  readonly managementKey?: string;
}

/** The content of `sample.json`. */
export interface Sample {
  /** Platform of the key. */
  readonly key: 'customer_data' | 'segment' | 'mparticle' | 'emarsys' | 'none';
  readonly language?: Language;
  /** Data for the templates. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** Events for a function. */
  readonly events?: readonly SegmentEvent[];
  /** Events for a mapping. */
  readonly event?: Readonly<Record<string, unknown>>;
}

interface SegmentEvent {
  readonly type: 'identify' | 'track';
}

export interface Sent {
  readonly request: string;
  readonly status: number;
  readonly answer: string;
}

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const EXAMPLE_URL = 'https://rollcall.example.com';
const ABOUT_RUNS = 'sample.json';

/** The folders of the senders, sorted. */
export async function senders(): Promise<string[]> {
  const entries = await readdir(FOLDER, { withFileTypes: true });
  return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
}

/** The settings of a sender: the files of its folder, by name. */
export async function filesOf(sender: string): Promise<Map<string, string>> {
  const names = (await readdir(FOLDER + sender)).filter((name) => name !== ABOUT_RUNS).sort();
  const read = async (name: string): Promise<[string, string]> => [
    name,
    await readFile(`${FOLDER}${sender}/${name}`, 'utf8'),
  ];
  return new Map(await Promise.all(names.map(read)));
}

export async function sampleOf(sender: string): Promise<Sample> {
  return JSON.parse(await readFile(`${FOLDER}${sender}/${ABOUT_RUNS}`, 'utf8')) as Sample;
}

/** Runs everything of a sender, in the order of its files. */
export async function runSender(sender: string, to: Destination): Promise<Sent[]> {
  const sample = await sampleOf(sender);
  const sent: Sent[] = [];
  for (const [name, text] of await filesOf(sender)) {
    if (name.endsWith('.http')) sent.push(...(await runRequests(text, sample, to)));
    else if (name.endsWith('.js')) sent.push(...(await runFunction(text, sample, to)));
    else if (name.endsWith('.json')) sent.push(await runMapping(text, sample, to));
    else sent.push(await runScript(`${FOLDER}${sender}/${name}`, to));
  }
  return sent;
}

// ---- requests with templates, each after a line that begins with ###

async function runRequests(text: string, { language, data = {} }: Sample, to: Destination): Promise<Sent[]> {
  const sent: Sent[] = [];
  for (const block of text.split(/^### .*\n/m).filter((each) => each.trim() !== '')) {
    const filled = language === undefined ? block : render(language, block, data);
    const [head = '', body = ''] = filled.split(/\n\n([\s\S]*)/);
    const [line = '', ...fields] = head.split('\n');
    const [method = '', url = ''] = line.split(' ');
    const headers = Object.fromEntries(fields.map((field) => headerOf(field, to)));
    sent.push(await send(method, url, headers, body.trim() === '' ? undefined : withKeys(body, to), to));
  }
  return sent;
}

function headerOf(field: string, to: Destination): [string, string] {
  const at = field.indexOf(': ');
  const value = withKeys(field.slice(at + 2), to);
  const basic = /^Basic (.*)$/.exec(value);
  // A sender asks for the user and the password, and encodes them itself.
  const encoded = basic?.[1] === undefined ? value : `Basic ${Buffer.from(basic[1]).toString('base64')}`;
  return [field.slice(0, at), encoded];
}

function withKeys(text: string, { key, managementKey }: Destination): string {
  return text.replaceAll('YOUR_KEY', key).replaceAll('YOUR_MANAGEMENT_KEY', managementKey ?? '');
}

async function send(
  method: string,
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string | undefined,
  to: Destination,
): Promise<Sent> {
  const target = url.replace(EXAMPLE_URL, to.url);
  const response = await fetch(target, { method, headers, ...(body === undefined ? {} : { body }) });
  return { request: `${method} ${target}`, status: response.status, answer: await response.text() };
}

// ---- a destination function of Segment, with the globals it finds there

async function runFunction(code: string, { events = [] }: Sample, { url, key }: Destination): Promise<Sent[]> {
  const sent: Sent[] = [];
  class EventNotSupported extends Error {}
  class RetryError extends Error {}
  class ValidationError extends Error {}
  const globals = {
    EventNotSupported,
    RetryError,
    ValidationError,
    fetch: async (target: string, options: RequestInit) => {
      const response = await fetch(target, options);
      const answer = await response.clone().text();
      sent.push({ request: `${options.method} ${target}`, status: response.status, answer });
      return response;
    },
  };
  const handlers = runInNewContext(`${code}\n({ identify: onIdentify, track: onTrack })`, globals) as Record<
    SegmentEvent['type'],
    (event: SegmentEvent, settings: object) => Promise<void>
  >;
  const settings = { url, apiKey: key, deployment: new URL(EXAMPLE_URL).host };
  for (const event of events) await handlers[event.type](event, settings);
  return sent;
}

// ---- a mapping of RudderStack: JSON paths of the request, and where in the event their values are

interface Mapping {
  readonly url: string;
  readonly method: string;
  readonly authentication: { readonly key: string; readonly value: string };
  readonly headers: Readonly<Record<string, string>>;
  readonly pathParameters: readonly string[];
  readonly queryParameters: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, string>>;
}

async function runMapping(text: string, { event = {} }: Sample, to: Destination): Promise<Sent> {
  const mapping = JSON.parse(text) as Mapping;
  const read = (path: string): unknown => (path.startsWith('$.') ? valueOf(event, path.slice(2)) : path);
  const path = mapping.pathParameters.map((each) => `/${encodeURIComponent(String(read(each)))}`).join('');
  const query = new URLSearchParams(mapping.queryParameters).toString();
  const body = {};
  for (const [key, value] of Object.entries(mapping.body)) setAt(body, key.slice(2).split('.'), read(value));
  const { key, value } = mapping.authentication;
  const headers = { ...mapping.headers, [key]: withKeys(value, to), 'content-type': 'application/json' };
  return send(mapping.method, `${mapping.url}${path}?${query}`, headers, JSON.stringify(body), to);
}

function setAt(object: Record<string, unknown>, [name = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) object[name] = value;
  else setAt((object[name] ??= {}) as Record<string, unknown>, rest, value);
}

// ---- a shell script

async function runScript(file: string, { url, key }: Destination): Promise<Sent> {
  const env = { ...process.env, ROLLCALL_URL: url, ROLLCALL_KEY: key };
  const { stdout } = await promisify(execFile)('sh', [file], { env });
  return { request: `sh ${file}`, status: 200, answer: stdout };
}

if (import.meta.main) {
  const [sender = ''] = process.argv.slice(2);
  const { ROLLCALL_URL: url, ROLLCALL_KEY: key, ROLLCALL_MANAGEMENT_KEY: managementKey } = process.env;
  if (!(await senders()).includes(sender) || url === undefined || key === undefined) {
    process.stderr.write(
      `ROLLCALL_URL=… ROLLCALL_KEY=… node examples/senders/run.ts SENDER, which is one of ${(await senders()).join(', ')}\n`,
    );
    process.exit(2);
  }
  const sent = await runSender(sender, { url, key, ...(managementKey === undefined ? {} : { managementKey }) });
  for (const { request, status, answer } of sent) process.stdout.write(`${status} ${request}\n${answer}\n`);
  if (sent.some(({ status }) => status >= 400)) process.exitCode = 1;
}
