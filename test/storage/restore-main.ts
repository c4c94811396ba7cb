/** Restores in its own process, as `rollcall restore` does, so that it can be killed. */

import { flushCompileCache } from 'node:module';
import { restoreStorage } from '../../src/storage/index.ts';

const [url = '', file = ''] = process.argv.slice(2);
flushCompileCache();
process.send?.('started');
await restoreStorage(url, file);
process.send?.('restored');
process.disconnect();
