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
/** One user's share of them, so that nobody crowds out the others. */
const MAX_STREAMS_OF_USER = 40;
/** The most entries sent at once; beyond that, older ones are reported as a gap. */
const MAX_ENTRIES = 200;
// What arrives within this time is sent together.
const PAUSE_MS = 250;
// Keeps proxies from closing an idle connection.
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
          'Server-sent events: `entry` with an entry without payloads, and `gap` with `{"missed": n}` if entries were skipped because too many arrived at once. Starts with the next entry or, with `Last-Event-ID`, after that entry.',
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
        // Too late for a response: the client reconnects, and is told then.
        if (!(error instanceof DomainError))
          request.log.error({ err: error }, 'a stream of the access log was aborted');
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

  /** Sends entries until the client disconnects, is no longer authorized, or the server stops. */
  async function follow(
    request: FastifyRequest,
    raw: ServerResponse,
    filter: AccessLogFilter,
    after: TailPosition,
  ): Promise<void> {
    const gone = new AbortController();
    const leave = (): void => gone.abort();
    raw.once('close', leave);
    // A client that listens to a stream and sends no more has left: nothing else would show it before the next
    // heartbeat.
    request.raw.socket.once('end', leave);
    ending.addEventListener('abort', leave);
    const bell = new Bell();
    const unfollow = core.accessLog.follow(() => bell.ring());
    let position = after;
    let beat = performance.now();
    try {
      // Entries after the last event of an earlier connection already exist.
      bell.ring();
      while (!gone.signal.aborted) {
        const rung = await bell.wait(BEAT_MS, gone.signal);
        const tail = rung ? await core.accessLog.tail(filter, position, MAX_ENTRIES) : undefined;
        // Checked last before anything is sent: a client that was signed out learns nothing more.
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
        // A slow reader delays only itself: what it has missed is read, or skipped, later.
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

/** Rung by new entries; whoever waits is called at most once per pause. */
class Bell {
  #rung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** Waits until it is rung, for a limited time, and a little longer for what follows. @returns whether it was rung */
  async wait(milliseconds: number, signal: AbortSignal): Promise<boolean> {
    if (!this.#rung) await this.#pause(milliseconds, signal, true);
    if (!this.#rung) return false;
    await this.#pause(PAUSE_MS, signal, false);
    this.#rung = false;
    return !signal.aborted;
  }

  async #pause(milliseconds: number, signal: AbortSignal, canBeWoken: boolean): Promise<void> {
    if (signal.aborted) return;
    // Not a signal made of two: only those two would hold on to it, and only weakly.
    const woken = new AbortController();
    const wake = (): void => woken.abort();
    if (canBeWoken) this.#wake = wake;
    signal.addEventListener('abort', wake);
    // Rejects when it is aborted.
    await delay(milliseconds, undefined, { signal: woken.signal }).catch(() => undefined);
    signal.removeEventListener('abort', wake);
    this.#wake = undefined;
  }
}
