/**
 * Sends the answers of one turn of the event loop together. Each write to a socket may wake the process or the card at
 * its other end, which takes longer than a read of the store; in a row, the first wakes it for all.
 */

import type { FastifyInstance } from 'fastify';

/** Installs the hook; other hooks on answers may come before or after it. */
export function installAnswersTogether(app: FastifyInstance): void {
  let ready: (() => void)[] = [];
  const sendAll = (): void => {
    const answers = ready;
    ready = [];
    for (const send of answers) send();
  };
  app.addHook('onSend', (_request, _reply, payload, done) => {
    // All that arrived together is handled before the immediates of its turn run.
    if (ready.length === 0) setImmediate(sendAll);
    ready.push(() => done(null, payload));
  });
}
