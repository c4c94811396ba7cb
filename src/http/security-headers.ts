/**
 * Headers that tell browsers what not to do with a response: a few on every response, more on pages. No CORS header is
 * ever sent.
 */

import type { FastifyInstance } from 'fastify';

/** One year; browsers honour it only over https. */
const STRICT_TRANSPORT = 'max-age=31536000';

/**
 * The headers of every response. @param https whether the server is reached only by https, as far as its settings tell
 */
export function answerHeaders(https: boolean): Readonly<Record<string, string>> {
  // Responses contain text from elsewhere: nobody may interpret them as anything but their declared type.
  const headers = { 'x-content-type-options': 'nosniff' };
  return https ? { ...headers, 'strict-transport-security': STRICT_TRANSPORT } : headers;
}

/** Additional headers for /console and /docs: pages use no device features, and reveal no address to other sites. */
const PAGE_HEADERS = {
  'referrer-policy': 'no-referrer',
  'permissions-policy':
    'accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=()',
  'cross-origin-opener-policy': 'same-origin',
};

const PAGE_PATH = /^\/(console|docs)(\/|$)/;

/** Adds the headers to the routes of pages; called before they are registered. Other routes pay nothing for it. */
export function installPageHeaders(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    if (!PAGE_PATH.test(route.url)) return;
    const before = [route.onRequest ?? []].flat();
    route.onRequest = [
      (_request, reply, done) => {
        reply.headers(PAGE_HEADERS);
        done();
      },
      ...before,
    ];
  });
}
