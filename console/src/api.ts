/** The only way to the server: JSON over fetch with the session's cookie. Published errors become one typed error. */

export interface Problem {
  readonly title: string;
  readonly details: string;
  /** The field or query parameter at fault; empty when the problem concerns the whole request or a line of a file. */
  readonly field: string;
}

/** The server's refusal, or the reason it could not be reached (status 0). */
export class ApiError extends Error {
  readonly status: number;
  readonly problems: readonly Problem[];
  /** How long the server asked to wait before another try, if it did. */
  readonly retryAfterSeconds: number | undefined;

  constructor(message: string, status: number, problems: readonly Problem[] = [], retryAfterSeconds?: number) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.problems = problems;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

type QueryValue = string | number | boolean | undefined;

export interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Undefined values are left out. */
  readonly query?: Readonly<Record<string, QueryValue>>;
  /** Sent as JSON; FormData (uploads) is sent unchanged. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

interface ErrorBody {
  readonly message?: unknown;
  readonly errors?: readonly {
    readonly title?: string;
    readonly details?: string;
    readonly source?: { readonly pointer?: string; readonly parameter?: string };
  }[];
}

let whenSignedOut: (() => void) | undefined;

/** Registers what to do when the server no longer knows the session. */
export function onSignedOut(listener: () => void): void {
  whenSignedOut = listener;
}

/** One page of a list that is paged by the server's cursor. */
export interface CursorPage<Item> {
  readonly hasMore: boolean;
  /** Where the next page starts; absent at the end. */
  readonly nextCursor?: string;
  readonly data: readonly Item[];
}

/** Builds a resource path with its parts escaped: `` path`/v1/users/${id}` ``. */
export function path(parts: TemplateStringsArray, ...values: readonly (string | number)[]): string {
  return parts.reduce((whole, part, index) => `${whole}${encodeURIComponent(values[index - 1] ?? '')}${part}`);
}

/** Builds a URL with its query, for links and downloads. */
export function urlOf(resource: string, query: RequestOptions['query'] = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return search === '' ? resource : `${resource}?${search}`;
}

/**
 * Calls the server; resolves to `undefined` when there is no content.
 * @throws ApiError for every refusal, and when the server cannot be reached
 */
export async function request<Answer>(resource: string, options: RequestOptions = {}): Promise<Answer> {
  const { method = 'GET', query, body, signal } = options;
  const isForm = body instanceof FormData;
  let response: Response;
  try {
    response = await fetch(urlOf(resource, query), {
      method,
      credentials: 'same-origin',
      headers: {
        accept: 'application/json',
        // Fields that only this server has.
        prefer: 'extended',
        ...(body === undefined || isForm ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new ApiError('The server cannot be reached. Check that it is running and that you are online.', 0);
  }
  if (!response.ok) throw await errorOf(response, resource);
  return (response.status === 204 ? undefined : await response.json()) as Answer;
}

async function errorOf(response: Response, resource: string): Promise<ApiError> {
  const { status } = response;
  if (status === 401 && resource !== SESSION) whenSignedOut?.();
  const wait = Number(response.headers.get('retry-after') ?? Number.NaN);
  const body = (await response.json().catch(() => ({}))) as ErrorBody;
  const message =
    typeof body.message === 'string' && body.message !== '' ? body.message : `The server responded with ${status}`;
  const problems = (Array.isArray(body.errors) ? (body.errors as NonNullable<ErrorBody['errors']>) : []).map(
    ({ title = '', details = '', source }) => ({ title, details, field: fieldOf(source) }),
  );
  return new ApiError(message, status, problems, Number.isNaN(wait) ? undefined : wait);
}

/** Empty for a line of a file: the details name the line. */
function fieldOf(source: { pointer?: string; parameter?: string } | undefined): string {
  if (source?.pointer !== undefined) return source.pointer.replace(/^\//, '').replaceAll('/', '.');
  return source?.parameter ?? '';
}

/** Where this browser's session is created, read and ended; a 401 from here is a result, not the end of a session. */
export const SESSION = '/v1/console/session';
