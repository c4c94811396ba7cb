/** What the server prints once it is up. */

import { type Config, DEFAULT_DATABASE } from '../config.ts';
import { DEFAULT_PLATFORM_NAME } from '../http/surfaces/third-party-headers.ts';
import { version } from '../version.ts';
import type { FirstRun } from './first-run.ts';
import { keyCreateCommand } from './keys.ts';
import { plain, shellQuote } from './output.ts';

export interface BannerParts {
  readonly config: Config;
  /** The address it listens on. */
  readonly url: string;
  readonly databaseFile: string;
  readonly firstRun: FirstRun | undefined;
  /** ms since the epoch */
  readonly now: number;
}

/** An address this machine can call: the wildcard address is not one. */
export function callable(url: string): string {
  return url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');
}

/** The two headers that strict mode requires. */
function strictHeaders(config: Config, base: string): string {
  if (!config.strict) return '';
  const host = config.hostnames[0] ?? new URL(base).host;
  return ` -H ${shellQuote(`customer-data-platform-name: ${DEFAULT_PLATFORM_NAME}`)} -H ${shellQuote(`destination-hostname: ${host}`)}`;
}

function firstCall(config: Config, base: string, run: FirstRun): string {
  const body = JSON.stringify({ attributes: run.attributes, audiencesChanges: { adds: [run.audienceId] } });
  // Inside "$(…)" a shell starts quoting afresh.
  const key = run.secretsFile === undefined ? run.key : `$(sed -n 's/^key: //p' ${shellQuote(run.secretsFile)})`;
  // The certificate is for the public name, which only the public URL reveals.
  const insecure = config.publicUrl === undefined && base.startsWith('https:') ? ' --insecure' : '';
  return (
    `curl${insecure} -X PUT ${shellQuote(`${base}/cdp/customer_profile/ada`)} -H "Authorization: ApiKey-v1 ${key}"` +
    `${strictHeaders(config, base)} -H 'Content-Type: application/json' -d '${body}'`
  );
}

/** All lines except the last, which is `listeningLine`. */
export function bannerText({ config, url, databaseFile, firstRun, now }: BannerParts): string {
  const base = config.publicUrl ?? callable(url);
  const lines = [
    `Rollcall ${version}${config.strict ? ', strict mode' : ''}`,
    `  data     ${plain(databaseFile)}`,
    `  console  ${base}/console/`,
    ...(config.docs ? [`  docs     ${base}/docs`] : []),
  ];
  if (firstRun !== undefined) {
    lines.push(`  admin    ${firstRun.adminEmail}`);
    if (firstRun.secretsFile !== undefined) {
      lines.push(`  secrets  ${plain(firstRun.secretsFile)} (password and first key; readable only by you)`);
    } else if (firstRun.adminPassword !== undefined) {
      lines.push(`  password ${firstRun.adminPassword} (shown once)`);
    }
  }
  lines.push('');
  if (firstRun?.key === undefined) {
    const database = config.database === DEFAULT_DATABASE ? '' : ` --database ${shellQuote(config.database)}`;
    lines.push('Create a key for your customer data platform:', '', `  ${keyCreateCommand(now, database)}`);
  } else {
    lines.push('Add a first profile to a first audience (the key is valid for 30 days):', '');
    lines.push(`  ${firstCall(config, base, firstRun)}`);
  }
  return `${lines.join('\n')}\n`;
}

/** The last line; programs wait for it. */
export function listeningLine(url: string): string {
  return `\nRollcall listening on ${url}\n`;
}
