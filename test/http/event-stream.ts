/** A client of server-sent events for tests, which reads them as they arrive. */

import { request } from 'node:http';

export interface ServerEvent {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: unknown;
}

export interface EventStream {
  readonly status: number;
  readonly contentType: string | undefined;
  /** Events so far. */
  readonly events: readonly ServerEvent[];
  /** Resolves when the server ends the stream. */
  readonly ended: Promise<void>;
  close(): void;
}

export async function openEventStream(url: string, headers: Record<string, string>): Promise<EventStream> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { headers, agent: false }, (incoming) => {
      const events: ServerEvent[] = [];
      let rest = '';
      incoming.setEncoding('utf8').on('data', (chunk: string) => {
        const blocks = (rest + chunk).split('\n\n');
        rest = blocks.pop() ?? '';
        for (const block of blocks) {
          const fields = new Map(block.split('\n').map((line) => [line.split(': ', 1)[0], line.replace(/^\w+: /, '')]));
          const [event, data] = [fields.get('event'), fields.get('data')];
          if (event !== undefined && data !== undefined)
            events.push({ id: fields.get('id'), event, data: JSON.parse(data) });
        }
      });
      resolve({
        status: incoming.statusCode ?? 0,
        contentType: incoming.headers['content-type'],
        events,
        ended: new Promise((settle) => incoming.on('close', settle)),
        close: () => incoming.destroy(),
      });
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}
