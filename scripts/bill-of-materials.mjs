// Owns the software bill of materials: what is installed with the program and what is bundled into it, as CycloneDX.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Its name in dist; the format is CycloneDX 1.5. */
export const BILL_OF_MATERIALS = 'bom.cdx.json';

/** The list of bundled packages, left in dist by the plugin that writes `third-party-licences.txt`. */
const BUNDLED = 'third-party-packages.json';

/**
 * Writes the bill of a finished build into its folder: every package in the lock file that is not for development, and
 * every package whose code went into the bundles. The same inputs produce the same bytes.
 */
export function writeBillOfMaterials(root, output) {
  const read = (file) => JSON.parse(readFileSync(file, 'utf8'));
  const bundles = ['', 'console'].map((folder) => path.join(output, folder, BUNDLED));
  const bundled = new Set(bundles.flatMap(read));
  for (const file of bundles) {
    rmSync(file);
  }
  const { packages } = read(path.join(root, 'package-lock.json'));
  const components = new Map();
  for (const [location, entry] of Object.entries(packages)) {
    const name = location.split('node_modules/').at(-1);
    const id = `${name}@${entry.version}`;
    if (location !== '' && (entry.dev !== true || bundled.has(id))) {
      components.set(id, componentOf(name, entry, bundled.has(id)));
    }
  }
  const missing = [...bundled].filter((id) => !components.has(id));
  if (missing.length > 0) {
    throw new Error(`Bundled, but not in package-lock.json: ${missing.join(', ')}`);
  }
  const { name, version, license } = read(path.join(root, 'package.json'));
  const product = { type: 'application', 'bom-ref': purlOf(name, version), name, version, purl: purlOf(name, version) };
  const bill = {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    version: 1,
    metadata: { component: { ...product, licenses: licensesOf(license) } },
    components: [...components.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, component]) => component),
  };
  writeFileSync(path.join(output, BILL_OF_MATERIALS), `${JSON.stringify(bill, undefined, 1)}\n`);
}

function componentOf(name, { version, integrity, license, optional }, isBundled) {
  const purl = purlOf(name, version);
  return {
    type: 'library',
    'bom-ref': purl,
    name,
    version,
    scope: optional === true ? 'optional' : 'required',
    ...(integrity === undefined ? {} : { hashes: hashesOf(integrity) }),
    licenses: licensesOf(license),
    purl,
    ...(isBundled ? { properties: [{ name: 'cdx:npm:package:bundled', value: 'true' }] } : {}),
  };
}

function purlOf(name, version) {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

/** An SPDX expression; a single identifier is one too. */
function licensesOf(license) {
  return license === undefined ? [] : [{ expression: license }];
}

function hashesOf(integrity) {
  return integrity.split(' ').map((each) => {
    const [algorithm, digest] = each.split('-', 2);
    const alg = algorithm.toUpperCase().replace('SHA', 'SHA-');
    return { alg, content: Buffer.from(digest, 'base64').toString('hex') };
  });
}
