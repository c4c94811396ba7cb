/** `serve`, `demo` and `simulate`: their options and their help. Their code is loaded when they run. */

import type { Command } from 'commander';
import { DEFAULT_DATABASE } from '../config.ts';
import { atLeast, collect, type Done, positive } from './command-options.ts';
import type { DemoOptions } from './demo.ts';
import type { RunSimulateOptions } from './simulate.ts';

const wholeNumber = atLeast(0);

export function addServe(program: Command, done: Done): void {
  program
    .command('serve')
    .description('start the server')
    .option('--host <address>', 'address to listen on (default 127.0.0.1)')
    .option('--port <number>', 'port to listen on; 0 picks a free one (default 8080)')
    .option('--database <url>', `location of the data, sqlite:PATH (default ${DEFAULT_DATABASE})`)
    .option('--strict', "enforce the hosted product's limits and required headers, to rehearse an integration")
    .option('--ephemeral', 'keep everything in memory; print one JSON line {url, keys, adminEmail, adminPassword}')
    .option('--test-controls', 'with --ephemeral: serve /test-controls, by which a test seeds and steers the server')
    .option('--hostname <name>', 'host name to serve, others get 404 (repeatable; default any)', collect)
    .option('--public-url <url>', 'base URL for people and platforms')
    .option(
      '--trusted-proxies <list>',
      'proxies whose X-Forwarded-For is trusted, as comma-separated addresses or CIDR ranges',
    )
    .option('--rate-limit <number>', 'requests per second per key (default unlimited; 60 in strict mode)')
    .option('--tls-cert <file>', 'PEM file of the certificate chain; with --tls-key, serves https')
    .option('--tls-key <file>', 'PEM file of the private key')
    .option('--log-level <level>', 'trace, debug, info, warn, error, fatal or silent (default info)')
    .addHelpText(
      'after',
      '\nEach option has an environment variable (--port: ROLLCALL_PORT). The README lists all settings.',
    )
    .action(async (options: Record<string, string | boolean | string[] | undefined>) => {
      const { ephemeral, testControls, hostname, ...rest } = options;
      const flags: Record<string, string> = {};
      for (const [name, value] of Object.entries(rest)) if (value !== undefined) flags[name] = String(value);
      if (Array.isArray(hostname)) flags['hostnames'] = hostname.join(',');
      const { serve } = await import('./serve.ts');
      await done(serve(flags, { ephemeral: ephemeral === true, testControls: testControls === true }));
    });
}

export function addDemo(program: Command, done: Done): void {
  program
    .command('demo')
    .description('start an in-memory server with thirty days of sample history, to look around in')
    .option('--host <address>', 'address to listen on (default 127.0.0.1)')
    .option('--port <number>', 'port to listen on; 0 picks a free one (default 8080)')
    .option('--still', 'send no more requests once the server is ready')
    .option('--seed <number>', 'seed of the story; the same seed gives the same history', wholeNumber, 1)
    .option('--json', 'print one JSON line {url, admin, readOnly, keys}')
    .addHelpText('after', '\nNothing is kept: changes, passwords and keys are gone when the server stops.')
    .action(async (options: DemoOptions) => {
      const { demo } = await import('./demo.ts');
      await done(demo(options));
    });
}

export function addSimulate(program: Command, done: Done): void {
  program
    .command('simulate')
    .description('act as a customer data platform that syncs to a server, and check what arrived')
    .requiredOption('--url <url>', 'base URL of the server')
    .option('--profiles <number>', 'number of customer profiles', positive, 10_000)
    .option('--audiences <number>', 'audiences', positive, 20)
    .option('--concurrency <number>', 'connections', positive, 4)
    .option('--changes <number>', 'number of membership changes (default: as many as profiles)', positive)
    .option('--platform-name <name>', 'name of the platform (default: Rollcall Simulator)')
    .option('--seed <number>', 'seed of the data; the same seed sends the same data', wholeNumber, 1)
    .option('--json', 'print the summary as JSON')
    .addHelpText(
      'after',
      '\nThe API key (of platform customer_data) is read from ROLLCALL_KEY or standard input. Exit code 1 means that something is missing.',
    )
    .action(async (options: RunSimulateOptions) => {
      const { runSimulate } = await import('./simulate.ts');
      await done(runSimulate(options));
    });
}
