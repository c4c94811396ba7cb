/** The access log as it grows, as server-sent events. */

import { once } from 'node:events';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { AccessLogFilter, TailPosition } from '../../../access-log/access-log.ts';
import { DomainError, unavailable } from '../../../domain/errors.ts';
import { principalOf } from '../../back-office-auth.ts';
import type { WithQuery } from '../../query-strings.ts';
import { Id } from '../../wire.ts';
import { filterQuery, toEntry, toLogFilter } from './access-log-wire.ts';
import { answers, security } from './responses.ts';
import type { ManagementSurface } from './surface-parts.ts';

const tags = ['Management API: access log'];
const streamQuery = Type.Object({ ...filterQuery, applicationId: Type.Optional(Id()) });
const MEDIA_TYPE = 'text/event-stream; charset=utf-8';
/** Streams that may be open at once. */
const MAX_STREAMS = 200;
/** One user's share of them, so that nobody shuts out the others. */
const MAX_STREAMS_OF_USER = 40;
/** Entries sent at once; of more, the older ones are told as a gap. */
const MAX_ENTRIES = 200;
// What comes within this time is sent together.
const PAUSE_MS = 250;
// Keeps proxies from closing a quiet connection.
const BEAT_MS = 15_000;
const RETRY_MS = 2000;
const LAST_EVENT_ID = /^([0-9a-z-]{1,64})\.(\d{1,16})$/i;

export async function accessLogStreamRoutes(
  app: FastifyInstance,
  { core, auth, ending }: ManagementSurface,
): Promise<void> {
  let open = 0;
  const openByUser = new Map<number, number>();

  app.get<WithQuery<typeof streamQuery>>(
    '/v1/access_logs/stream',
    {
      schema: {
        operationId: 'streamAccessLogs',
        summary: 'Follow the access log',
        description:
          'Server-sent events: `entry` with an entry without payloads, and `gap` with `{"missed": n}` where entries were left out because too many came at once. Starts with what comes next; with `Last-Event-ID`, behind that entry.',
        tags,
        security,
        querystring: streamQuery,
        response: {
          ...answers(200, 'Events, until one side ends it', Type.String()),
          200: {
            description: 'Events, until one side ends it',
            content: { 'text/event-stream': { schema: Type.String() } },
          },
        },
      },
      config: {
        extension: true,
        backOfficeAccess: 'read',
        ofAllApplications: 'unless named',
      },
    },
    async (request, reply) => {
      const filter = toLogFilter(request.query, request.query.applicationId);
      const after = readLastEventId(request) ?? (await core.accessLog.tail(filter, undefined, 0)).position;
      if (request.method === 'HEAD') return reply.type(MEDIA_TYPE).send();
      const { id: userId } = principalOf(request).user;
      const own = openByUser.get(userId) ?? 0;
      if (open >= MAX_STREAMS || own >= MAX_STREAMS_OF_USER) {
        throw unavailable('Too many streams of the access log are open; close one of them');
      }
      reply.hijack();
      open += 1;
      openByUser.set(userId, own + 1);
      const { raw } = reply;
      try {
        raw.writeHead(200, {
          ...(reply.getHeaders() as OutgoingHttpHeaders),
          'content-type': MEDIA_TYPE,
          'cache-control': 'no-store',
          'x-accel-buffering': 'no',
        });
        raw.write(`retry: ${RETRY_MS}\n\n`);
        await follow(request, raw, filter, after);
      } catch (error) {
        // Too late for an answer: the client comes back, and is told then.
        if (!(error instanceof DomainError)) request.log.error({ err: error }, 'a stream of the access log broke off');
      } finally {
        open -= 1;
        const left = (openByUser.get(userId) ?? 1) - 1;
        if (left === 0) openByUser.delete(userId);
        else openByUser.set(userId, left);
        raw.end();
      }
      return reply;
    },
  );

  /** Sends what comes, until the client leaves, may not listen any more, or the server stops. */
  async function follow(
    request: FastifyRequest,
    raw: ServerResponse,
    filter: AccessLogFilter,
    after: TailPosition,
  ): Promise<void> {
    const gone = new AbortController();
    const leave = (): void => gone.abort();
    raw.once('close', leave);
    // Who listens to a stream and sends no more has left: nothing else would tell before the next beat.
    request.raw.socket.once('end', leave);
    ending.addEventListener('abort', leave);
    const bell = new Bell();
    const unfollow = core.accessLog.follow(() => bell.ring());
    let position = after;
    let beat = performance.now();
    try {
      // What came behind the last event of an earlier connection is there already.
      bell.ring();
      while (!gone.signal.aborted) {
        const rung = await bell.wait(BEAT_MS, gone.signal);
        const tail = rung ? await core.accessLog.tail(filter, position, MAX_ENTRIES) : undefined;
        // Asked last before anything is told: whoever was signed out learns no more.
        if (!(await auth.isStillOpen(request))) return;
        if (tail !== undefined) {
          ({ position } = tail);
          if (tail.missed > 0) raw.write(`event: gap\ndata: ${JSON.stringify({ missed: tail.missed })}\n\n`);
          for (const item of tail.items) {
            raw.write(
              `id: ${position.epoch}.${item.id}\nevent: entry\ndata: ${JSON.stringify(toEntry(item, false))}\n\n`,
            );
          }
        }
        if (performance.now() - beat >= BEAT_MS) {
          beat = performance.now();
          raw.write(': beat\n\n');
        }
        // A slow reader holds up itself: what it is behind with is read, or passed over, later.
        if (raw.writableNeedDrain && !gone.signal.aborted) await drained(raw, gone.signal);
      }
    } finally {
      unfollow();
      ending.removeEventListener('abort', leave);
      raw.off('close', leave);
      request.raw.socket.off('end', leave);
    }
  }
}

function readLastEventId(request: FastifyRequest): TailPosition | undefined {
  const match = LAST_EVENT_ID.exec(String(request.headers['last-event-id'] ?? ''));
  const [, epoch, id] = match ?? [];
  return epoch === undefined || id === undefined ? undefined : { epoch, id: Number(id) };
}

async function drained(raw: ServerResponse, signal: AbortSignal): Promise<void> {
  await once(raw, 'drain', { signal }).catch(() => undefined);
}

/** Rung by what comes; whoever waits for it is called at most once per pause. */
class Bell {
  #rung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** Waits until it was rung, for so long at most, and some moments for what comes with it. @returns whether it was */
  async wait(milliseconds: number, signal: AbortSignal): Promise<boolean> {
    if (!this.#rung) await this.#pause(milliseconds, signal, true);
    if (!this.#rung) return false;
    await this.#pause(PAUSE_MS, signal, false);
    this.#rung = false;
    return !signal.aborted;
  }

  async #pause(milliseconds: number, signal: AbortSignal, canBeWoken: boolean): Promise<void> {
    if (signal.aborted) return;
    // Not a signal made of two: nothing would hold on to it but those two, and they only weakly.
    const woken = new AbortController();
    const wake = (): void => woken.abort();
    if (canBeWoken) this.#wake = wake;
    signal.addEventListener('abort', wake);
    // Rejects when it is cut short.
    await delay(milliseconds, undefined, { signal: woken.signal }).catch(() => undefined);
    signal.removeEventListener('abort', wake);
    this.#wake = undefined;
  }
}
