/**
 * Reads request bodies within what they may cost: each is limited in size, depth and number of values while it arrives,
 * all together in the memory for parsing them, and large ones are parsed one at a time.
 */

import { isUtf8 } from 'node:buffer';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { DomainError, invalid, unavailable } from '../domain/errors.ts';
import { BodyBudget, type Waiting } from './body-budget.ts';
import { JsonScan } from './json-scan.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const MAX_DEPTH = 64;
// Twenty times what the largest bulk call needs. Parsing that many takes 50 ms.
const MAX_VALUES = 100_000;
/** Before authentication, unless the route says otherwise: a sign-in needs a tenth of it. */
const MAX_UNKNOWN_BYTES = 16 * KIB;
const LARGE_BYTES = MIB;
const LARGE_VALUES = 10_000;
// As received, and as strings, which take two bytes per character if one of them is beyond Latin-1.
const COST_PER_BYTE = 3;
// For objects that all have different keys, the most expensive case.
const COST_PER_VALUE = 100;
const MAX_WAIT_MS = 5000;
// Small chunks are joined meanwhile: otherwise a body sent byte by byte would take a hundred times its size.
const CHUNKS_PER_BLOCK = 1024;

// Created once: every abandoned request ends with it, and creating an error takes as long as reading a body.
const BROKEN_OFF = new DomainError('timeout', 'The request body did not arrive in full');

declare module 'fastify' {
  interface FastifyRequest {
    /** Size of the body in bytes, as received. */
    bodyBytes: number;
    /**
     * Whether the body contains a run of sixteen digits outside of strings: a number that a double may not represent
     * exactly.
     */
    bodyHasLongNumber: boolean;
    /** Why the body was refused; thrown once the request is back in the normal flow. */
    bodyProblem: DomainError | undefined;
  }
  interface FastifyContextConfig {
    /**
     * Largest body, in bytes, of a route that reads it before authentication, because the key is in the body. 16 KiB by
     * default.
     */
    maxUnknownBodyBytes?: number;
  }
}

export interface BodyLimits {
  /** Largest body, in bytes. */
  readonly maxBytes: number;
  /** Memory budget for parsing all bodies, in bytes. */
  readonly maxTotalBytes: number;
  /** Time in which a complete request must arrive. */
  readonly requestTimeoutMs: number;
}

/** A body being read, and its share of the budgets. */
interface Hold {
  budget: BodyBudget;
  cost: number;
  hasTurn: boolean;
  waiting: Waiting | undefined;
  /** Nothing is held any more, and nothing more is claimed. */
  isOver: boolean;
  /** Abandons the body unless it is complete, and releases what it holds. */
  end(problem: DomainError): void;
}

export class BodyReader {
  readonly #limits: BodyLimits;
  readonly #small: BodyBudget;
  readonly #large: BodyBudget;
  readonly #unknown: BodyBudget;
  readonly #turns = new BodyBudget(1);
  readonly #waitMs: number;

  constructor(limits: BodyLimits) {
    this.#limits = limits;
    // Separate budgets, so that neither unauthenticated callers nor a few heavy senders keep everybody else from
    // writing.
    this.#large = new BodyBudget(limits.maxTotalBytes / 2);
    this.#unknown = new BodyBudget(limits.maxTotalBytes / 16);
    this.#small = new BodyBudget((limits.maxTotalBytes / 16) * 7);
    // The rest of the time is for the body to arrive.
    this.#waitMs = Math.min(MAX_WAIT_MS, limits.requestTimeoutMs / 2);
  }

  /** The memory used for parsing bodies, in bytes. */
  get heldBytes(): number {
    return this.#small.held + this.#large.held + this.#unknown.held;
  }

  /** Whether the body, by its declared length, is within its caller's limit. */
  admits(request: FastifyRequest): boolean {
    return declaredBytes(request) <= this.#maxBytes(request);
  }

  /**
   * Reads the body of a request to its end. A refused body is drained, so that the client reads its response instead of
   * a reset connection. Its budget is released at once, and that of an accepted body when its response has been sent.
   * @throws DomainError `too_large`, `invalid`, `unavailable`, `timeout`
   */
  async read(request: FastifyRequest, payload: IncomingMessage, response: ServerResponse): Promise<Buffer> {
    if (response.closed) throw BROKEN_OFF;
    const hold = this.#hold(request);
    // Also emitted when the client is gone, unlike the end of a response.
    response.once('close', () => hold.end(BROKEN_OFF));
    const { body, isLarge } = await this.#receive(request, payload, hold);
    if (isLarge && !(await this.#takeTurn(hold))) {
      hold.end(tooManyBodies());
      throw request.bodyProblem ?? tooManyBodies();
    }
    return body;
  }

  /**
   * Reads a body that nobody will parse, even if its response is sent before it is complete. Undefined if it does not
   * arrive.
   */
  async readUnparsed(request: FastifyRequest): Promise<Buffer | undefined> {
    const { raw } = request;
    const hold = this.#hold(request);
    const gone = (): void => hold.end(BROKEN_OFF);
    // The request itself emits nothing once it has been answered.
    raw.socket.once('close', gone);
    try {
      return (await this.#receive(request, raw, hold)).body;
    } catch {
      return undefined;
    } finally {
      raw.socket.off('close', gone);
      this.#release(hold);
    }
  }

  #hold(request: FastifyRequest): Hold {
    const hold = {
      budget: isKnown(request) ? this.#small : this.#unknown,
      cost: 0,
      hasTurn: false,
      waiting: undefined,
      isOver: false,
      end: () => this.#release(hold),
    };
    return hold;
  }

  async #receive(
    request: FastifyRequest,
    payload: IncomingMessage,
    hold: Hold,
  ): Promise<{ body: Buffer; isLarge: boolean }> {
    const maxBytes = this.#maxBytes(request);
    if (declaredBytes(request) > maxBytes) {
      payload.resume();
      throw tooLarge(maxBytes);
    }
    const { promise, resolve, reject } = Promise.withResolvers<{ body: Buffer; isLarge: boolean }>();
    const scan = new JsonScan();
    const blocks: Buffer[] = [];
    let chunks: Buffer[] = [];
    const whole = (): Buffer => {
      const [only] = chunks;
      return blocks.length === 0 && chunks.length === 1 && only ? only : Buffer.concat([...blocks, ...chunks]);
    };
    hold.end = (problem) => {
      if (hold.isOver) return;
      request.bodyProblem = problem;
      this.#release(hold);
      blocks.length = 0;
      chunks = [];
      reject(problem);
      payload.resume();
    };
    payload.on('error', () => hold.end(BROKEN_OFF));
    payload.on('data', (chunk: Buffer) => {
      if (hold.isOver) return;
      request.bodyBytes += chunk.length;
      scan.take(chunk);
      chunks.push(chunk);
      if (chunks.length === CHUNKS_PER_BLOCK) {
        blocks.push(Buffer.concat(chunks));
        chunks = [];
      }
      if (request.bodyBytes > maxBytes) hold.end(tooLarge(maxBytes));
      else if (scan.depth > MAX_DEPTH || scan.values > MAX_VALUES) {
        hold.end(codingProblem(whole(), request.headers['content-encoding']) ?? shapeProblem(scan));
      } else if (hold.budget !== this.#large && !this.#charge(hold, chunk.length * COST_PER_BYTE))
        hold.end(tooManyBodies());
      else if (hold.budget === this.#small && isLarge(request, scan)) {
        payload.pause();
        void this.#becomeLarge(hold, declaredBytes(request) || maxBytes).then((granted) => {
          if (granted) payload.resume();
          else hold.end(tooManyBodies());
        });
      }
    });
    payload.on('end', () => {
      if (hold.isOver) return;
      request.bodyHasLongNumber = scan.hasLongNumber;
      if (hold.budget !== this.#large && !this.#charge(hold, scan.values * COST_PER_VALUE)) hold.end(tooManyBodies());
      else resolve({ body: whole(), isLarge: isLarge(request, scan) });
    });
    return promise;
  }

  #maxBytes(request: FastifyRequest): number {
    if (isKnown(request)) return this.#limits.maxBytes;
    return request.routeOptions.config.maxUnknownBodyBytes ?? MAX_UNKNOWN_BYTES;
  }

  #charge(hold: Hold, cost: number): boolean {
    if (!hold.budget.tryTake(cost)) return false;
    hold.cost += cost;
    return true;
  }

  /** Reserves the most that a large body can take, so that none waits for another halfway. */
  async #becomeLarge(hold: Hold, bytes: number): Promise<boolean> {
    const cost = bytes * COST_PER_BYTE + Math.min(bytes, MAX_VALUES) * COST_PER_VALUE;
    hold.waiting = this.#large.take(cost, this.#waitMs);
    const granted = await hold.waiting.granted;
    if (!granted) return false;
    if (hold.isOver) {
      this.#large.giveBack(cost);
      return false;
    }
    hold.budget.giveBack(hold.cost);
    hold.budget = this.#large;
    hold.cost = cost;
    return true;
  }

  /** Waits until no other large body is being parsed and processed. */
  async #takeTurn(hold: Hold): Promise<boolean> {
    hold.waiting = this.#turns.take(1, this.#waitMs);
    const granted = await hold.waiting.granted;
    if (granted && hold.isOver) this.#turns.giveBack(1);
    hold.hasTurn = granted && !hold.isOver;
    return hold.hasTurn;
  }

  #release(hold: Hold): void {
    if (hold.isOver) return;
    hold.isOver = true;
    hold.waiting?.cancel();
    hold.budget.giveBack(hold.cost);
    if (hold.hasTurn) this.#turns.giveBack(1);
  }
}

function isLarge({ bodyBytes }: FastifyRequest, { values }: JsonScan): boolean {
  return bodyBytes > LARGE_BYTES || values > LARGE_VALUES;
}

/** Whether the caller presented a valid credential. */
function isKnown({ principal, backOffice }: FastifyRequest): boolean {
  return principal !== undefined || backOffice !== undefined;
}

export function declaredBytes(request: FastifyRequest): number {
  return Number(request.headers['content-length'] ?? 0);
}

/**
 * Why bytes cannot be JSON of any form: they are not UTF-8 text. Undefined if they are, even if they end within a
 * character.
 */
export function codingProblem(bytes: Buffer, encoding: string | undefined): DomainError | undefined {
  if ([0, 1, 2, 3].some((cut) => isUtf8(bytes.subarray(0, Math.max(0, bytes.length - cut))))) return undefined;
  return invalid(
    encoding !== undefined && encoding !== 'identity'
      ? `Body must be a JSON object; Content-Encoding '${encoding}' is not supported; send it unencoded`
      : 'Body must be a JSON object in UTF-8',
  );
}

function shapeProblem({ depth }: JsonScan): DomainError {
  return depth > MAX_DEPTH
    ? invalid(`Body is nested deeper than ${MAX_DEPTH} levels`)
    : invalid(`Body contains more than ${MAX_VALUES} values, counting lists and objects twice: split it`);
}

function tooLarge(maxBytes: number): DomainError {
  const size = maxBytes >= MIB ? `${Math.floor(maxBytes / MIB)} MiB` : `${Math.floor(maxBytes / KIB)} KiB`;
  return new DomainError('too_large', `Body exceeds ${size}`);
}

function tooManyBodies(): DomainError {
  return unavailable('The server is processing too many request bodies; try again in a moment');
}
