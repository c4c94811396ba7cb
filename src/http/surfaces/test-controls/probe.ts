/** Hooks on all routes of a server under test, which cause faults and record every request as the server saw it. */

import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { causeOf } from '../../../access-log/causes.ts';
import { markText } from '../../../access-log/marks.ts';
import { uriWithoutSecrets, withoutMember, withoutSecrets } from '../../../access-log/payload-masking.ts';
import { DomainError } from '../../../domain/errors.ts';
import type { JsonValue } from '../../../domain/json-value.ts';
import type { TestControls } from '../../../test-controls/controls.ts';
import type { Fault, FaultStatus } from '../../../test-controls/faults.ts';
import { errorBodyAt, reasonOf } from '../../errors.ts';
import { operationOf } from '../../methods.ts';
import { replayOf } from '../../replay-context.ts';
import type { RequestEndListener } from '../../request-end.ts';
import type { Surfaces } from '../../surface.ts';
import { SURFACE_NAME } from './routes.ts';

/** What the application passes to code that adds hooks. */
export interface ProbeParts {
  readonly surfaces: Surfaces;
  readonly onEnd: (listener: RequestEndListener) => void;
  readonly ending: AbortSignal;
}

/** What the hooks know about a request in progress. */
interface Probed {
  /** Arrival by the clock of the server, in ms since the epoch. */
  readonly time: number;
  readonly fault: Fault | undefined;
  response: string | undefined;
}

const CREDENTIAL_HEADERS = /^(authorization|proxy-authorization|cookie)$/;
const HIDDEN = '***';
// The size of an entry without its bodies.
const ENTRY_BYTES = 1000;

/** Installs the hooks on an application. */
export function installProbe(app: FastifyInstance, controls: TestControls, parts: ProbeParts): void {
  const { surfaces, onEnd, ending } = parts;
  const probed = new WeakMap<FastifyRequest, Probed>();
  const wait = async (milliseconds: number | undefined): Promise<void> => {
    if (milliseconds !== undefined) await delay(milliseconds, undefined, { signal: ending }).catch(() => undefined);
  };

  app.addHook('onRequest', async (request, reply) => {
    const isApi = request.routeOptions.config.surface !== undefined;
    if (isControl(request) || replayOf() !== undefined) return;
    const fault = isApi ? controls.faults.take(request.method, pathOf(request)) : undefined;
    const entry: Probed = { time: controls.core.now(), fault, response: undefined };
    probed.set(request, entry);
    if (fault === undefined) return;
    await wait(fault.delayMs);
    if (fault.drop === 'before') {
      note(request, undefined, entry);
      probed.delete(request);
      reply.hijack();
      request.raw.socket.destroy();
    } else if (fault.answer !== undefined) await refuse(request, reply, fault.answer, fault.retryAfter, surfaces);
  });
  app.addHook('onSend', async (request, reply, payload) => {
    const entry = probed.get(request);
    if (entry === undefined) return;
    if (typeof payload === 'string') entry.response = payload;
    if (entry.fault === undefined) return;
    await wait(entry.fault.answerAfterMs);
    if (entry.fault.drop === 'after') reply.raw.socket?.destroy();
  });
  onEnd((request, reply) => {
    if (isControl(request) || replayOf() !== undefined) return;
    // Requests to unknown paths are refused before the hook above.
    note(request, reply, probed.get(request) ?? { time: controls.core.now(), fault: undefined, response: undefined });
  });

  function note(request: FastifyRequest, reply: FastifyReply | undefined, { time, fault, response }: Probed): void {
    const { principal, receivedBody, capture, failure, marks = [], changed } = request;
    const answer = capture?.response ?? response;
    const body = receivedBody === undefined ? undefined : withoutCredential(request, receivedBody).toString();
    controls.received.add(
      {
        id: request.id,
        time: new Date(time).toISOString(),
        method: request.method,
        path: uriWithoutSecrets(request.originalUrl),
        headers: shownHeaders(request),
        body: shownBody(body),
        status: reply?.statusCode ?? null,
        response: shownBody(answer),
        operation: operationOf(request) ?? null,
        application: principal?.application.name ?? null,
        key: principal?.key.title ?? null,
        cause: capture?.refusal?.cause ?? (failure === undefined ? null : causeOf(failure).cause),
        marks: marks.map(markText),
        changed: changed ?? null,
        fault: fault?.id ?? null,
      },
      ENTRY_BYTES + 2 * ((receivedBody?.length ?? 0) + (answer?.length ?? 0)),
    );
  }
}

/** Reports whether a request is for the test controls, which are not recorded and get no faults. */
function isControl({ routeOptions }: FastifyRequest): boolean {
  return routeOptions?.config?.surface?.name === SURFACE_NAME;
}

function pathOf({ originalUrl }: FastifyRequest): string {
  return originalUrl.split('?', 1)[0] ?? originalUrl;
}

/** Answers in the form of the request's API, as the server itself would with this status. */
async function refuse(
  request: FastifyRequest,
  reply: FastifyReply,
  status: FaultStatus,
  retryAfter: number | undefined,
  surfaces: Surfaces,
): Promise<void> {
  const message = `${reasonOf(status)} (a fault requested by the test)`;
  const code = status === 429 ? 'too_many_requests' : 'unavailable';
  request.failure = new DomainError(code, [{ title: code, message, cause: 'a fault requested by the test' }]);
  if (status === 429 || status === 503) reply.header('retry-after', String(retryAfter ?? 1));
  const body = errorBodyAt(surfaces, request.originalUrl).render({
    message,
    status,
    requestUuid: request.id,
    problems: [],
    isInvalid: false,
  });
  await reply.code(status).type('application/json').send(JSON.stringify(body));
}

function shownHeaders({ headers }: FastifyRequest): Record<string, string> {
  const shown: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    const text = [value].flat().join(', ');
    // The scheme is kept, because it shows whether the kind of credential is wrong.
    const scheme = /^([\w-]+) /.exec(text)?.[1];
    if (CREDENTIAL_HEADERS.test(name)) shown[name] = scheme === undefined ? HIDDEN : `${scheme} ${HIDDEN}`;
    else shown[name] = withoutSecrets(text);
  }
  return shown;
}

/** The body without the key, if it contains one. */
function withoutCredential({ routeOptions }: FastifyRequest, body: Buffer): Buffer {
  const credential = routeOptions.config.surface?.keys?.credential;
  return credential?.in === 'body' ? withoutMember(body, credential.member) : body;
}

function shownBody(text: string | undefined): JsonValue {
  if (text === undefined || text === '') return null;
  const shown = withoutSecrets(text);
  try {
    return JSON.parse(shown) as JsonValue;
  } catch {
    return shown;
  }
}
