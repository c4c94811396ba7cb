/** Calls the test controls of a server over HTTP, by means that no test is likely to have replaced. */

import { Agent, request } from 'node:http';
import { type ConnectOptions, RollcallError } from './api.ts';

/** The body of an error answer. */
interface Refusal {
  readonly message?: string;
  readonly errors?: readonly { readonly details?: string }[];
}

export class ControlCalls {
  readonly #server: ConnectOptions;
  // Idle connections do not keep the process alive.
  readonly #agent = new Agent({ keepAlive: true });

  constructor(server: ConnectOptions) {
    this.#server = server;
  }

  /**
   * The body of the answer; undefined for none, and for a 404 where that is an answer.
   * @throws RollcallError
   */
  async call<Body>(method: string, path: string, body?: unknown): Promise<Body> {
    const { status, text } = await this.#send(method, path, body);
    if (status < 300) return (text === '' ? undefined : JSON.parse(text)) as Body;
    const { message, errors = [] } = JSON.parse(text) as Refusal;
    const details = errors.flatMap((each) => each.details ?? []);
    throw new RollcallError(details.length > 0 ? details.join('; ') : (message ?? `Status ${status}`), status);
  }

  close(): void {
    this.#agent.destroy();
  }

  async #send(method: string, path: string, body: unknown): Promise<{ status: number; text: string }> {
    const { url, token } = this.#server;
    const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const headers = {
      authorization: `Bearer ${token}`,
      ...(bytes !== undefined && { 'content-type': 'application/json', 'content-length': bytes.length }),
    };
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => {
        reject(new RollcallError(`Rollcall at ${url} cannot be reached: ${error.message}`));
      };
      const outgoing = request(`${url}/test-controls${path}`, { agent: this.#agent, method, headers }, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', fail);
        incoming.on('end', () => {
          resolve({ status: incoming.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') });
        });
      });
      outgoing.on('error', fail);
      outgoing.end(bytes);
    });
  }
}
