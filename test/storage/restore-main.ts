/** Restores in a process of its own, as `rollcall restore` does: it may be killed on its way. */

import { flushCompileCache } from 'node:module';
import { restoreStorage } from '../../src/storage/index.ts';

const [url = '', file = ''] = process.argv.slice(2);
flushCompileCache();
process.send?.('started');
await restoreStorage(url, file);
process.send?.('restored');
process.disconnect();
