// Owns what a build is: the steps that fill dist, the files they depend on, and the stamp that says dist is current.
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';

import { writeBillOfMaterials } from './bill-of-materials.mjs';
import { environmentFor } from './install.mjs';
import { runStep } from './progress.mjs';

const stampName = '.build.json';

/** A build runs these in order into one folder; each names the files and folders whose change makes dist stale. */
const steps = [
  {
    inputs: ['src', 'scripts/bundle.config.ts', 'scripts/third-party-licences.ts'],
    async run({ root, node, output }) {
      const options = ['--config', path.join('scripts', 'bundle.config.ts'), '--dir', output];
      await runStep('Building', node, [toolPath(root, 'rolldown'), ...options], {
        cwd: root,
        env: environmentFor(node),
      });
      copyAssets(path.join(root, 'src'), output);
    },
  },
  {
    inputs: ['src'],
    async run({ root, node, output }) {
      await runStep('Writing the declarations', node, declarationArguments(root, output), {
        cwd: root,
        env: environmentFor(node),
      });
      // Of what the main export is made of, users see the types in these two.
      for (const file of readdirSync(path.join(output, 'embedded'))) {
        if (file.endsWith('.d.ts') && file !== 'index.d.ts' && file !== 'api.d.ts') {
          rmSync(path.join(output, 'embedded', file));
        }
      }
    },
  },
  {
    inputs: ['console', 'scripts/third-party-licences.ts'],
    async run({ root, node, output }) {
      const folder = path.join(output, 'console');
      // This loader imports the configuration directly; the default one writes a file into node_modules.
      const options = ['--configLoader', 'native', '--logLevel', 'warn', '--outDir', folder, '--emptyOutDir'];
      await runStep('Building the console', node, [toolPath(root, 'vite'), 'build', 'console', ...options], {
        cwd: root,
        env: { ...environmentFor(node), NODE_ENV: 'production' },
      });
    },
  },
  {
    inputs: [
      'src',
      'docs/connect',
      'docs/testing.md',
      'scripts/write-documents.ts',
      'scripts/connect-pages.ts',
      'scripts/markdown.ts',
    ],
    async run({ root, node, output }) {
      const script = path.join('scripts', 'write-documents.ts');
      await runStep('Writing the documents', node, [script, path.join(output, 'documents')], {
        cwd: root,
        env: environmentFor(node),
      });
    },
  },
  {
    inputs: ['package.json', 'scripts/bill-of-materials.mjs'],
    async run({ root, output }) {
      writeBillOfMaterials(root, output);
    },
  },
];

/** Reports whether dist was built completely from the present sources. */
export function buildIsCurrent(root) {
  try {
    return readFileSync(path.join(root, 'dist', stampName), 'utf8') === stampOf(root);
  } catch {
    return false;
  }
}

/** Builds next to dist and then replaces it, so that a failed build leaves the last good one in place. */
export async function build(root, node) {
  const stamp = stampOf(root);
  const output = path.join(root, 'dist.next');
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output);
  try {
    for (const step of steps) {
      await step.run({ root, node, output });
    }
    writeFileSync(path.join(output, stampName), stamp);
    replace(path.join(root, 'dist'), output);
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
}

/** The JavaScript file behind a command of an installed package. */
export function toolPath(root, name, command = name) {
  const folder = path.join(root, 'node_modules', name);
  const { bin } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  return path.join(folder, typeof bin === 'string' ? bin : bin[command]);
}

/** How the compiler is asked for the declarations of the package's main export, and for nothing else. */
function declarationArguments(root, output) {
  const options =
    '--ignoreConfig --declaration --emitDeclarationOnly --strict --skipLibCheck --target es2024 --module nodenext --types node --allowImportingTsExtensions --rewriteRelativeImportExtensions';
  const source = path.join('src', 'embedded', 'index.ts');
  return [toolPath(root, 'typescript', 'tsc'), ...options.split(' '), '--rootDir', 'src', '--outDir', output, source];
}

/** Everything under src except TypeScript (the migrations) is part of the program unchanged. */
function copyAssets(source, target) {
  for (const file of filesUnder(source)) {
    if (!file.endsWith('.ts')) {
      const copy = path.join(target, path.relative(source, file));
      mkdirSync(path.dirname(copy), { recursive: true });
      copyFileSync(file, copy);
    }
  }
}

function replace(target, fresh) {
  const old = `${target}.old`;
  rmSync(old, { recursive: true, force: true });
  if (existsSync(target)) {
    renameSync(target, old);
  }
  renameSync(fresh, target);
  rmSync(old, { recursive: true, force: true });
}

/** By content, not by time: a checkout or an unpacked archive gives every file a new time. */
function stampOf(root) {
  const hash = createHash('sha256');
  // The lock file stands for the compiler's version, and this file for the steps.
  const inputs = new Set(['package-lock.json', 'scripts/build-steps.mjs', ...steps.flatMap((step) => step.inputs)]);
  for (const input of inputs) {
    for (const file of filesUnder(path.join(root, input))) {
      const content = readFileSync(file);
      hash.update(`${path.relative(root, file)}\0${content.length}\0`).update(content);
    }
  }
  return `${JSON.stringify({ sources: hash.digest('hex') })}\n`;
}

/** Regular files under a folder (or the file itself) in a stable order; dot files belong to editors. */
function filesUnder(entry) {
  let entries;
  try {
    entries = readdirSync(entry, { withFileTypes: true });
  } catch (error) {
    if (error.code === 'ENOTDIR') {
      return [entry];
    }
    throw error;
  }
  return entries
    .filter((item) => !item.name.startsWith('.'))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((item) => (item.isDirectory() ? filesUnder(path.join(entry, item.name)) : [path.join(entry, item.name)]));
}
