// `npm run build`, and `npm pack` through it: makes the folder ready and dist current.
import { prepare } from './bootstrap.mjs';
import { reportFailure } from './progress.mjs';

try {
  await prepare();
} catch (error) {
  process.exitCode = reportFailure(error);
}
