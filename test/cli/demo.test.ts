/** `rollcall demo` as a process: it starts with its history, accepts sign-ins, and keeps sending requests. */

import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DemoProcess, runCli, startDemoProcess } from '../server-process.ts';
import { expectRefusal, requestsServed, within } from './world.ts';

const START_MS = 240_000;

async function signIn(demo: DemoProcess, credentials: { email: string; password: string }): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return fetch(`${demo.url}/v1/console/session`, { method: 'POST', headers, body: JSON.stringify(credentials) });
}

describe('the demo', () => {
  let demo: DemoProcess;
  beforeAll(async () => {
    demo = await startDemoProcess(['--seed', '3']);
  }, START_MS);
  afterAll(async () => {
    expect(await demo.stop()).toBe(0);
  });

  it('lets an admin and a read-only user in', async () => {
    const admin = await signIn(demo, demo.admin);
    expect(admin.status).toBe(201);
    expect(await admin.json()).toMatchObject({ isAdmin: true, mustChangePassword: false });
    const reader = await signIn(demo, demo.readOnly);
    expect(reader.status).toBe(201);
    expect(await reader.json()).toMatchObject({ isAdmin: false, mustChangePassword: false });
  });

  it('takes the keys of its story, and refuses those that ended in it', async () => {
    const statuses: Record<string, number> = {};
    for (const [name, key] of Object.entries(demo.keys)) {
      const response = await fetch(`${demo.url}/v2/authping`, { headers: { authorization: `ApiKey-v1 ${key}` } });
      statuses[name] = response.status;
    }
    expect(statuses).toEqual({
      cdp: 204,
      tealium: 204,
      shop: 204,
      kiosk: 204,
      backfill: 204,
      rehearsal: 204,
      sandboxShop: 204,
      oldTealium: 401,
      agency: 401,
    });
  });

  it('continues over real HTTP, with the shop’s requests', async () => {
    const before = await requestsServed(demo.url);
    await within(20_000, async () => ((await requestsServed(demo.url)) > before + 3 ? true : undefined));
  });
});

it('says that its port is in use before it plays its story', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const port = String((taken.address() as AddressInfo).port);
  const result = await runCli(['demo', '--still', '--port', port]);
  taken.close();
  expectRefusal(result, 2, /is in use; choose another port with --port/);
});
