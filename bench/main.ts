/**
 * Measures the real server, each figure as a ratio of alternating runs, and prints the result as a table and as JSON.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { accessLogFigure } from './access-log.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '16' },
    seconds: { type: 'string', default: '2' },
    profiles: { type: 'string', default: '100000' },
    connections: { type: 'string', default: '64' },
    help: { type: 'boolean', short: 'h' },
    out: { type: 'string', default: fileURLToPath(new URL('../bench-results/latest.json', import.meta.url)) },
  },
});

if (values.help === true) {
  process.stdout.write(`Usage: npm run bench -- [options]
  --rounds NUMBER       turns per side (default: 16)
  --seconds NUMBER      length of a turn (default: 2)
  --profiles NUMBER     profiles in the store (default: 100000)
  --connections NUMBER  concurrent requests (default: 64)
  --out FILE            file for the figures, as JSON
`);
  process.exit();
}

const settings = {
  rounds: Number(values.rounds),
  seconds: Number(values.seconds),
  profiles: Number(values.profiles),
  connections: Number(values.connections),
};

const figure = await accessLogFigure(settings, (line) => process.stdout.write(`${line}\n`));
const result = {
  time: new Date().toISOString(),
  node: process.version,
  cores: availableParallelism(),
  cpu: cpus()[0]?.model,
  settings,
  figures: [figure],
};
mkdirSync(dirname(values.out), { recursive: true });
writeFileSync(values.out, `${JSON.stringify(result, null, 2)}\n`);
process.stdout.write(
  `\n| figure | must be | is |\n|---|---|---|\n| ${figure.title} | ≥ ${figure.must} | ${figure.ratio} |\n\n${values.out}\n`,
);
process.exitCode = figure.ratio >= figure.must ? 0 : 1;
