/** Connections with several requests in progress: whose slowness closes them. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Connections } from '../../src/http/connections.ts';
import { THIRD_PARTY_ERROR } from '../../src/http/error-bodies.ts';

const UNREAD_MS = 300;

test('a response that is ready waits for a slow one before it, however long that takes', async () => {
  const connections = new Connections({
    errorBodyAt: () => THIRD_PARTY_ERROR,
    maxHeaderBytes: 16 * 1024,
    maxConnections: 10,
    maxUnreadBytes: 1024 * 1024,
    unreadMs: UNREAD_MS,
  });
  const server = createServer({ keepAliveTimeout: 60_000 });
  connections.take(server, (request, response) => {
    void delay(request.url === '/slow' ? UNREAD_MS * 4 : 0).then(() => response.end(`${request.url} `));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const head = (path: string, more = ''): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;
  socket.write(head('/slow') + head('/quick') + head('/last', 'Connection: close\r\n'));
  const answers = [...(await text(socket)).matchAll(/\/\w+ /g)].map(([body]) => body.trim());
  expect(answers).toEqual(['/slow', '/quick', '/last']);
  expect(connections.figures().connections).toBe(0);
  server.close();
});
