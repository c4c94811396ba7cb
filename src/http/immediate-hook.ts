/** Hooks that need not wait: a promise for each of them would cost more than most of them do. */

import type { FastifyReply, FastifyRequest } from 'fastify';

/** Makes a hook of a function that has done its work when it returns; what it throws refuses the request. */
export function immediately(
  work: (request: FastifyRequest, reply: FastifyReply) => void,
): (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void) => void {
  return (request, reply, done) => {
    try {
      work(request, reply);
    } catch (error) {
      done(error as Error);
      return;
    }
    done();
  };
}
