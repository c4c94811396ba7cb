/** Headers that tell browsers what not to do with an answer: few on every one, more on pages. There is no CORS header anywhere. */

import type { FastifyInstance } from 'fastify';

/** A year; browsers heed it over https only. */
const STRICT_TRANSPORT = 'max-age=31536000';

/** The headers of every answer. @param https whether the server is reached by https alone, as far as its settings tell */
export function answerHeaders(https: boolean): Readonly<Record<string, string>> {
  // Answers hold words that came from elsewhere: nobody may take them for anything but their type.
  const headers = { 'x-content-type-options': 'nosniff' };
  return https ? { ...headers, 'strict-transport-security': STRICT_TRANSPORT } : headers;
}

/** More headers of what lies under /console and /docs: pages ask for nothing of the device, and tell no site where one was. */
const PAGE_HEADERS = {
  'referrer-policy': 'no-referrer',
  'permissions-policy':
    'accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=()',
  'cross-origin-opener-policy': 'same-origin',
};

const PAGE_PATH = /^\/(console|docs)(\/|$)/;

/** Gives the routes of pages their headers; called before they are registered. Other routes pay nothing for it. */
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
