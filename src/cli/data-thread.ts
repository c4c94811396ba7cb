/** The thread that runs a job on a whole database; see `data-jobs.ts`. */

import { parentPort, workerData } from 'node:worker_threads';
import { backUpStorage, restoreStorage, storagePlace, upgradeStorage } from '../storage/index.ts';
import { COMMITTING, type DataJob, type DataJobInput, type DataJobMessage, OPEN, toPlainError } from './data-jobs.ts';
import { assertDatabase, openDatabase, withPath } from './database.ts';

const { job, gate } = workerData as DataJobInput;

function send(message: DataJobMessage): void {
  parentPort?.postMessage(message);
}

/** Marks the point from which the work takes effect. @returns false if the job has been interrupted */
function mayContinue(): boolean {
  return Atomics.compareExchange(gate, 0, OPEN, COMMITTING) === OPEN;
}

async function run(each: DataJob): Promise<unknown> {
  const path = storagePlace(each.url)?.path ?? each.url;
  switch (each.kind) {
    case 'verify': {
      const storage = await openDatabase(each.url, { mustExist: true, access: 'read' });
      try {
        await storage.verify(
          (problem) => send({ problem }),
          (check) => send({ check }),
        );
      } finally {
        await storage.close();
      }
      return undefined;
    }
    case 'backup':
      assertDatabase(path);
      return withPath(path, async () => backUpStorage(each.url, each.file));
    case 'restore':
      return restoreStorage(each.url, each.file, { mayContinue, acceptDamage: each.acceptDamage });
    case 'migrate':
      return withPath(path, async () => ({ copy: upgradeStorage(each.url) }));
  }
}

try {
  send({ result: await run(job) });
} catch (error) {
  send({ failed: toPlainError(error) });
}
