/** What the server says of itself when it is up. */

import type { Writable } from 'node:stream';
import type { Config } from '../config.ts';
import { version } from '../version.ts';
import type { FirstRun } from './first-run.ts';

/** A shell word that stands for exactly this text. */
export function shellQuote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function firstCall(base: string, run: FirstRun): string {
  const body = JSON.stringify({ attributes: { Tier: 'gold' }, audiencesChanges: { adds: [run.audienceId] } });
  const key =
    run.secretsFile === undefined
      ? run.key
      : `$(sed -n 's/^key: //p' ${shellQuote(run.secretsFile).replaceAll('"', '\\"')})`;
  return `curl -X PUT ${shellQuote(`${base}/cdp/customer_profile/ada`)} -H "Authorization: ApiKey-v1 ${key}" -H 'Content-Type: application/json' -d '${body}'`;
}

export function printBanner(
  out: Writable,
  {
    config,
    url,
    databaseFile,
    firstRun,
  }: { config: Config; url: string; databaseFile: string; firstRun: FirstRun | undefined },
): void {
  const base = config.publicUrl ?? url;
  const lines = [
    `Rollcall ${version}${config.strict ? ', strict mode' : ''}`,
    `  data    ${databaseFile}`,
    `  docs    ${base}/docs`,
  ];
  if (firstRun === undefined) {
    lines.push(
      '',
      'Create a key for your customer data platform:',
      '',
      '  npm run rollcall -- key create --name "My CDP" --platform customer_data --expires 2030-12-31',
    );
  } else {
    lines.push(`  admin   ${firstRun.adminEmail}`);
    if (firstRun.secretsFile === undefined) {
      if (firstRun.adminPassword !== undefined) lines.push(`  password ${firstRun.adminPassword} (shown once)`);
    } else {
      lines.push(`  secrets ${firstRun.secretsFile} (password and first key; readable by you only)`);
    }
    if (firstRun.key !== undefined) {
      lines.push(
        '',
        'Put a first profile into a first audience (the key is valid for 30 days):',
        '',
        `  ${firstCall(base, firstRun)}`,
      );
    }
  }
  out.write(`${lines.join('\n')}\n\nRollcall listening on ${url}\n`);
}
