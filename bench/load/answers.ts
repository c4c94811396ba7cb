/** Reads answers from the bytes of a connection, on which at most one request is in progress. */

export interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

export interface AnswerReader {
  /** @returns the answer once it is complete @throws Error if the bytes are no answer that it can read */
  push(chunk: Buffer): Answer | undefined;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const NO_BODY = Buffer.alloc(0);

/** Answers with a Content-Length, or of status 204. */
export class HttpAnswers implements AnswerReader {
  #pending: Buffer | undefined;

  push(chunk: Buffer): Answer | undefined {
    const data = this.#pending === undefined ? chunk : Buffer.concat([this.#pending, chunk]);
    this.#pending = data;
    const headEnd = data.indexOf(HEAD_END);
    if (headEnd === -1) return undefined;
    const head = data.toString('latin1', 0, headEnd);
    const status = Number(head.slice(9, 12));
    const length = status === 204 ? 0 : Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1]);
    if (!Number.isInteger(length)) throw new Error(`an answer without Content-Length:\n${head}`);
    const start = headEnd + HEAD_END.length;
    if (data.length < start + length) return undefined;
    if (data.length > start + length)
      throw new Error(`more bytes than the answer has:\n${data.toString('latin1', 0, 1000)}`);
    this.#pending = undefined;
    return { status, body: length === 0 ? NO_BODY : data.subarray(start) };
  }
}

/** The replies of Redis to a pipeline of commands that each change one member. */
export class RedisReplies implements AnswerReader {
  readonly #expected: Buffer;
  #received: Buffer[] = [];
  #bytes = 0;

  constructor(commands: number) {
    this.#expected = Buffer.from(':1\r\n'.repeat(commands));
  }

  push(chunk: Buffer): Answer | undefined {
    this.#received.push(chunk);
    this.#bytes += chunk.length;
    // An error is longer than the reply it stands for, and also ends the wait.
    if (this.#bytes < this.#expected.length) return undefined;
    const body = Buffer.concat(this.#received);
    this.#received = [];
    this.#bytes = 0;
    return { status: body.equals(this.#expected) ? 200 : 500, body };
  }
}
