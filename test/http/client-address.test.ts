/** The address that a request counts for: what proxies really forward, and what strangers put there. */

import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { describe, expect, test } from 'vitest';
import { installClientAddress, networkOf, parseAddress, TrustedProxies } from '../../src/http/client-address.ts';

/** The parts of a request that are read. */
const request = (peer: string | undefined, forwarded?: string): IncomingMessage =>
  ({ socket: { remoteAddress: peer }, headers: { 'x-forwarded-for': forwarded } }) as unknown as IncomingMessage;

describe('an address', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['192.0.2.1:4711', '192.0.2.1'],
    ['[::1]', '::1'],
    ['[::1]:80', '::1'],
    ['2001:db8::1:80', '2001:db8::1:80'],
    ['2001:DB8:0:0::0001', '2001:db8::1'],
    ['[2001:db8::1]:65535', '2001:db8::1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:c000:0201', '192.0.2.1'],
    ['0:0:0:0:0:ffff:192.0.2.1', '192.0.2.1'],
    ['[::ffff:192.0.2.1]:80', '192.0.2.1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::', '::'],
  ])('%s is %s', (text, address) => expect(parseAddress(text)).toBe(address));

  test.each([
    '',
    'unknown',
    '_hidden',
    'localhost',
    '192.0.2',
    '192.0.2.1.5',
    '192.0.2.256',
    '192.0.2.01',
    '0x7f000001',
    '2130706433',
    '192.0.2.1:',
    '192.0.2.1:port',
    '192.0.2.1:123456',
    '192.0.2.1/24',
    ' 192.0.2.1',
    '"192.0.2.1"',
    '[192.0.2.1]',
    '[::1',
    '::1]',
    '[::1]80',
    'x[::1]',
    'x[::1]:80',
    '[]',
    ':::',
    '2001:db8::g',
    '1:2:3:4:5:6:7:8:9',
    '192.0.2.1\u0000',
    '１９２.0.2.1',
  ])('is not %j', (text) => expect(parseAddress(text)).toBeUndefined());
});

test('one party is an IPv4 address, or the first half of an IPv6 address', () => {
  expect(networkOf('192.0.2.1')).toBe('192.0.2.1');
  const same = ['2001:db8::1', '2001:db8::ffff:0:0:1', '2001:db8:0:0:1::', '2001:db8:0:0:1:2:3:4', '2001:db8::'];
  for (const address of same) expect(networkOf(parseAddress(address) ?? '')).toBe('2001:db8:0:0::/64');
  expect(networkOf('2001:db8:0:1::1')).toBe('2001:db8:0:1::/64');
  expect(networkOf('::1')).toBe('0:0:0:0::/64');
  expect(networkOf('1:2:3:4:5:6:7::')).toBe('1:2:3:4::/64');
  expect(networkOf('2001::4:5:6:7:8')).toBe('2001:0:0:4::/64');
  expect(networkOf('')).toBe('');
});

describe('the client', () => {
  const clientOf = (proxies: string[], peer: string | undefined, forwarded?: string) =>
    new TrustedProxies(proxies).clientOf(request(peer, forwarded));

  test('is the peer, whatever it forwards, unless that is a trusted proxy', () => {
    expect(clientOf([], '192.0.2.1', '198.51.100.1')).toBe('192.0.2.1');
    expect(clientOf(['10.0.0.0/8'], '192.0.2.1', '198.51.100.1')).toBe('192.0.2.1');
    expect(clientOf([], '::ffff:192.0.2.1')).toBe('192.0.2.1');
    expect(clientOf(['10.0.0.0/8'], '10.0.0.1')).toBe('10.0.0.1');
    expect(clientOf([], ':unreadable')).toBe('');
    expect(clientOf(['10.0.0.0/8'], undefined, '198.51.100.1')).toBe('');
  });

  test.each([
    ['10.0.0.0/8', '10.1.2.3'],
    ['10.0.0.0/8', '::ffff:10.1.2.3'],
    ['::ffff:10.0.0.0/104', '10.1.2.3'],
    ['::ffff:10.1.2.3', '10.1.2.3'],
    ['10.1.2.3', '10.1.2.3'],
    ['2001:db8::/32', '2001:db8:1::1'],
    ['0.0.0.0/0', '10.1.2.3'],
    ['::/0', '2001:db8::1'],
  ])('is whom the proxy %s names, connected as %s', (proxy, peer) => {
    expect(clientOf(['192.0.2.9', proxy], peer, '198.51.100.1')).toBe('198.51.100.1');
    expect(new TrustedProxies([proxy]).trusts(peer)).toBe(true);
  });

  test.each([
    ['198.51.100.1', '198.51.100.1'],
    ['198.51.100.1:1234', '198.51.100.1'],
    ['[2001:db8::1]:1234', '2001:db8::1'],
    ['6.6.6.6, 198.51.100.1', '198.51.100.1'],
    ['6.6.6.6, 198.51.100.1, 10.0.0.2', '198.51.100.1'],
    ['6.6.6.6,198.51.100.1:99,10.0.0.2:98', '198.51.100.1'],
    ['198.51.100.1, , ,', '198.51.100.1'],
    ['10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['garbage', '10.0.0.1'],
    ['198.51.100.1, garbage', '10.0.0.1'],
    ['198.51.100.1, unknown, 10.0.0.2', '10.0.0.2'],
    ['', '10.0.0.1'],
    [' , ', '10.0.0.1'],
    ['\t198.51.100.1\t', '198.51.100.1'],
  ])('behind proxies that forward %j is %s', (forwarded, client) => {
    expect(clientOf(['10.0.0.0/8'], '10.0.0.1', forwarded)).toBe(client);
  });
});

test('every request has the address, which is read as soon as the client connects', () => {
  const server = new EventEmitter();
  const getters = new Map<string, (this: { raw: IncomingMessage }) => string>();
  const decorateRequest = (name: string, { getter }: { getter: (this: { raw: IncomingMessage }) => string }) =>
    getters.set(name, getter);
  const app = { server, decorateRequest } as unknown as FastifyInstance;
  installClientAddress(app, new TrustedProxies(['10.0.0.1']));
  expect(getters.get('clientAddress')?.call({ raw: request('10.0.0.1', '192.0.2.1') })).toBe('192.0.2.1');

  for (const event of ['connection', 'secureConnection']) {
    let reads = 0;
    const socket = {
      get remoteAddress() {
        reads += 1;
        return '192.0.2.1';
      },
    };
    server.emit(event, socket);
    expect(reads).toBe(1);
  }
});
