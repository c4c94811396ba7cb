/**
 * The client's address: the only source of addresses for throttles, limits, sessions and logs. `X-Forwarded-For` counts
 * as far as trusted proxies wrote it; the `Forwarded` header never does.
 */

import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, type Socket, SocketAddress } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * Address of the client in canonical form, without a port. Use it instead of `ip`, which believes any text that a
     * proxy forwards.
     */
    readonly clientAddress: string;
  }
}

const MAPPED = '::ffff:';

/**
 * An IPv4 or IPv6 address in canonical form, for comparisons: without port, brackets and zone; IPv6 compressed and in
 * lower case; IPv4 inside IPv6 as IPv4.
 * @returns undefined for any other text
 */
export function parseAddress(text: string): string | undefined {
  // Some proxies forward the port too, as 192.0.2.1:4711 or [2001:db8::1]:4711.
  const bare = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text)?.[1] ?? /^([\d.]+):\d{1,5}$/.exec(text)?.[1] ?? text;
  const family = isIP(bare);
  if (family === 0 || (text.startsWith('[') && family !== 6)) return undefined;
  if (family === 4) return bare;
  const [address = ''] = bare.split('%', 1);
  const canonical = new SocketAddress({ address, family: 'ipv6' }).address;
  const inner = canonical.startsWith(MAPPED) ? canonical.slice(MAPPED.length) : '';
  return isIP(inner) === 4 ? inner : canonical;
}

/** What one party controls, for counting: an IPv4 address, or the /64 network of a canonical IPv6 address. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const [head, tail] = address.split('::') as [string, string?];
  const [before, after] = [head, tail].map((groups) => (groups ? groups.split(':') : [])) as [string[], string[]];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return `${[...before, ...zeros, ...after].slice(0, 4).join(':')}::/64`;
}

/** The trusted proxies, as addresses and CIDR ranges. */
export class TrustedProxies {
  readonly #list = new BlockList();

  /** @param proxies in the form of `ROLLCALL_TRUSTED_PROXIES`, already checked */
  constructor(proxies: readonly string[]) {
    for (const proxy of proxies) {
      const [text = '', bits] = proxy.split('/');
      const address = parseAddress(text) ?? text;
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
      // An IPv4 range written inside IPv6 includes the bits before it.
      const before = family === 'ipv4' && text.includes(':') ? 96 : 0;
      if (bits === undefined) this.#list.addAddress(address, family);
      else this.#list.addSubnet(address, Math.max(0, Number(bits) - before), family);
    }
  }

  trusts(address: string | undefined): boolean {
    // BlockList treats IPv4 inside IPv6 as IPv4 too.
    return !!address && this.#list.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
  }

  /**
   * The client of a request: its peer or, walking back through trusted proxies, the last address that one of them
   * named. Anything but an address is ignored: the proxy that forwarded it is then the last one known.
   */
  clientOf(request: IncomingMessage): string {
    let client = peerOf(request);
    const forwarded = request.headers['x-forwarded-for'];
    if (forwarded === undefined || !this.trusts(client)) return client;
    const hops = String(forwarded).split(',');
    while (hops.length > 0 && this.trusts(client)) {
      const hop = (hops.pop() ?? '').trim();
      // RFC 9110 permits empty elements in lists.
      if (hop === '') continue;
      const address = parseAddress(hop);
      if (address === undefined) break;
      client = address;
    }
    return client;
  }
}

/** Empty when Node no longer knows. */
function peerOf({ socket }: IncomingMessage): string {
  const { remoteAddress = '' } = socket;
  return remoteAddress.includes(':') ? (parseAddress(remoteAddress) ?? '') : remoteAddress;
}

/** Gives every request its `clientAddress`. */
export function installClientAddress(app: FastifyInstance, proxies: TrustedProxies): void {
  app.decorateRequest('clientAddress', {
    getter(this: FastifyRequest) {
      return proxies.clientOf(this.raw);
    },
  });
  // Node keeps the address once it has been read; after the client has gone it could no longer tell.
  for (const event of ['connection', 'secureConnection']) {
    app.server.on(event, (socket: Socket) => void socket.remoteAddress);
  }
}
