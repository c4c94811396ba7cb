/** The process behind `OtherProcess`: opens a store and answers calls to it until told to close. */

import { flushCompileCache } from 'node:module';
import { DomainError } from '../../src/domain/errors.ts';
import type { Storage } from '../../src/domain/storage.ts';
import { openStorage } from '../../src/storage/index.ts';
import type { Answer, Call } from './other-process.ts';

function send(answer: Answer): void {
  process.send?.(answer);
}

async function main(url: string): Promise<void> {
  const storage: Storage = await openStorage(url);
  flushCompileCache();
  send({ result: 'open' });
  process.on('message', (call: Call) => {
    const method = storage[call.method] as (...parameters: unknown[]) => Promise<unknown>;
    method.apply(storage, call.parameters).then(
      (result) => {
        send({ result });
        if (call.method === 'close') process.disconnect();
      },
      (error: unknown) => send({ error: error instanceof DomainError ? error.code : String(error) }),
    );
  });
}

try {
  await main(process.argv[2] ?? '');
} catch (error) {
  send({ error: error instanceof Error ? error.message : String(error) });
  process.disconnect();
}
