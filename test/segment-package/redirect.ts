/** Leads HTTPS requests for some hosts to a server on this machine, below whatever makes them. */

import http, { type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import https from 'node:https';

type Options = RequestOptions & { readonly href?: string };
type Request = (options: Options, onResponse?: (response: IncomingMessage) => void) => ClientRequest;

/** @param hosts whose requests go to `target`; those for other hosts fail, so that nothing leaves this machine */
export function redirectHttps(hosts: readonly string[], target: string): void {
  const { hostname, port } = new URL(target);
  const redirected: Request = (options, onResponse) => {
    const host = options.hostname ?? options.host ?? '';
    if (!hosts.includes(host)) throw new Error(`A request for ${host}, which is not redirected`);
    const { path, method, headers } = options;
    return http.request({ hostname, port, path, method, headers }, onResponse);
  };
  https.request = redirected as typeof https.request;
}
