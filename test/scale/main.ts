/**
 * `npm run scale`: every page of the console on a large store. Seeds the store (once), starts the real server on it,
 * opens each page in a browser with an empty cache, prints a table and writes the figures as JSON.
 */

import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { launchBrowser } from '../browser/browser.ts';
import { type Session, signIn } from '../browser/visitor.ts';
import { startServerProcess } from '../server-process.ts';
import { type CallFigures, measureCall, measurePage, type PageFigures } from './measure.ts';
import { pagesOf } from './pages.ts';
import { FULL } from './plan.ts';
import { seed } from './seed.ts';

const TARGET_MS = 1000;
// The password for a scratch database that only this run opens.
const ADMIN = { email: 'scale@example.com', password: 'only-for-the-scale-run' };

const HELP = `Usage: npm run scale -- [options]
  --folder PATH     where the database is, or is made (default: in the temporary directory; some 3 GB)
  --profiles NUMBER a smaller store, with ten memberships per profile
  --seed-only       make the database and stop
  --page TEXT       only pages whose name holds it
`;

const { values } = parseArgs({
  options: {
    folder: { type: 'string' },
    profiles: { type: 'string' },
    'seed-only': { type: 'boolean' },
    page: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});

if (values.help === true) process.stdout.write(HELP);
else process.exitCode = await run();

async function run(): Promise<number> {
  const profiles = values.profiles === undefined ? FULL.profiles : Number(values.profiles);
  const plan = { ...FULL, profiles, memberships: profiles * (FULL.memberships / FULL.profiles) };
  const folder = resolve(values.folder ?? join(tmpdir(), 'rollcall-scale'));
  const file = await seed(folder, plan, (line) => process.stderr.write(`${line}\n`));
  process.stderr.write(`${file}\n`);
  if (values['seed-only'] === true) return 0;
  const server = await startServerProcess({
    database: `sqlite:${file}`,
    env: { ROLLCALL_ADMIN_EMAIL: ADMIN.email, ROLLCALL_ADMIN_PASSWORD: ADMIN.password },
  });
  const browser = await launchBrowser();
  try {
    const session = await signIn(server.url, ADMIN);
    const pages: PageFigures[] = [];
    for (const page of await pagesOf(session)) {
      if (values.page !== undefined && !page.name.toLowerCase().includes(values.page.toLowerCase())) continue;
      const figures = await measurePage(browser, session, page);
      pages.push(figures);
      process.stderr.write(`${figures.page}: ${figures.median} ms\n`);
    }
    const calls = await measureCalls(session, pages);
    const result = { plan, targetMs: TARGET_MS, pages, calls };
    const report = join(folder, 'scale-report.json');
    writeFileSync(report, `${JSON.stringify(result, undefined, 2)}\n`);
    process.stdout.write(`${tableOf(pages, calls)}\n${report}\n`);
    return pages.every(({ median, failed }) => median <= TARGET_MS && failed.length === 0) ? 0 : 1;
  } finally {
    await browser.close();
    await server.stop();
  }
}

async function measureCalls(session: Session, pages: readonly PageFigures[]): Promise<CallFigures[]> {
  const all = pages.flatMap((each) => each.calls).filter((each) => !each.includes('/stream'));
  // Calls that differ only in their times are one.
  const calls = new Map(all.map((each) => [each.replace(/=\d{4}-\d\d-\d\dT[^&]*/g, ''), each]));
  const figures: CallFigures[] = [];
  for (const call of [...calls.values()].sort()) figures.push(await measureCall(session, call));
  return figures;
}

function tableOf(pages: readonly PageFigures[], calls: readonly CallFigures[]): string {
  const lines = ['page                             of use after (ms)   runs'];
  for (const { page, median, runs, failed } of pages) {
    const marks = [median > TARGET_MS ? ' TOO SLOW' : '', ...failed.map((each) => `\n    FAILED ${each}`)].join('');
    lines.push(`${page.padEnd(32)} ${String(median).padStart(8)}            ${runs.join(' ')}${marks}`);
  }
  lines.push('', 'call                                                             first ms  then ms      bytes');
  for (const { call, first, median, bytes, status } of calls) {
    const mark = status < 400 ? '' : ` STATUS ${status}`;
    const figures = [first, median].map((each) => each.toFixed(1).padStart(9)).join('');
    lines.push(`${call.slice(0, 64).padEnd(64)}${figures} ${String(bytes).padStart(10)}${mark}`);
  }
  return lines.join('\n');
}
