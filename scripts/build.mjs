// `npm run build`, which `npm pack` runs too: prepares the folder and brings dist up to date.
import { prepare } from './bootstrap.mjs';
import { reportFailure } from './progress.mjs';

try {
  await prepare();
} catch (error) {
  process.exitCode = reportFailure(error);
}
