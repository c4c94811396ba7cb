/** Where a store in a file keeps its files. */

import { dirname, resolve } from 'node:path';
import type { StoragePlace } from '../../domain/storage.ts';

/** @param path of the database file */
export function placeOf(path: string): StoragePlace {
  const full = resolve(path);
  return { path, folder: dirname(full), uploads: `${full}-uploads`, accessLog: `${path}.access-log` };
}
