/** The thread that owns the access log's file. */

import { workerData } from 'node:worker_threads';
import { serveCalls } from '../thread-server.ts';
import { createLogMethods, type LogLimits } from './methods.ts';
import type { SharedRing } from './ring.ts';

const { path, ring, limits } = workerData as { path: string; ring: SharedRing; limits: LogLimits };
const methods = createLogMethods(path, ring, limits);
serveCalls(methods, () => methods.finish());
