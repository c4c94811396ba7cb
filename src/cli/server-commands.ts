/** `serve`, `demo` and `simulate`: their options and their help. What they need is loaded when they run. */

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
    .option('--port <number>', 'port to listen on, 0 takes a free one (default 8080)')
    .option('--database <url>', `where the data is, sqlite:PATH (default ${DEFAULT_DATABASE})`)
    .option('--strict', "the hosted product's limits and required headers, for rehearsing an integration")
    .option('--ephemeral', 'keep everything in memory; print one JSON line {url, keys, adminEmail, adminPassword}')
    .option('--hostname <name>', 'a deployment host to serve, others get 404 (repeatable; default any)', collect)
    .option('--public-url <url>', 'base URL people and platforms use')
    .option(
      '--trusted-proxies <list>',
      'proxies whose X-Forwarded-For counts, comma-separated addresses or CIDR ranges',
    )
    .option('--rate-limit <number>', 'requests per second and key (default none; 60 in strict mode)')
    .option('--tls-cert <file>', 'PEM file of the certificate chain; with the key, serves https')
    .option('--tls-key <file>', 'PEM file of the private key')
    .option('--log-level <level>', 'trace, debug, info, warn, error, fatal or silent (default info)')
    .addHelpText(
      'after',
      '\nEach option has a variable (--port: ROLLCALL_PORT), and there are more settings: the README lists them all.',
    )
    .action(async (options: Record<string, string | boolean | string[] | undefined>) => {
      const { ephemeral, hostname, ...rest } = options;
      const flags: Record<string, string> = {};
      for (const [name, value] of Object.entries(rest)) if (value !== undefined) flags[name] = String(value);
      if (Array.isArray(hostname)) flags['hostnames'] = hostname.join(',');
      const { serve } = await import('./serve.ts');
      await done(serve(flags, { ephemeral: ephemeral === true }));
    });
}

export function addDemo(program: Command, done: Done): void {
  program
    .command('demo')
    .description('start a server in memory with thirty days of believable history, to look around in')
    .option('--host <address>', 'address to listen on (default 127.0.0.1)')
    .option('--port <number>', 'port to listen on, 0 takes a free one (default 8080)')
    .option('--still', 'nothing arrives any more once it is ready')
    .option('--seed <number>', 'the same seed tells the same story', wholeNumber, 1)
    .option('--json', 'print one JSON line {url, admin, readOnly, keys}')
    .addHelpText(
      'after',
      '\nNothing is kept: what you change is gone when it stops, and so are its passwords and keys.',
    )
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
    .option('--profiles <number>', 'customer profiles', positive, 10_000)
    .option('--audiences <number>', 'audiences', positive, 20)
    .option('--concurrency <number>', 'connections', positive, 4)
    .option('--changes <number>', 'membership changes (default: as many as profiles)', positive)
    .option('--platform-name <name>', 'who the platform says it is (default: Rollcall Simulator)')
    .option('--seed <number>', 'the same seed sends the same data', wholeNumber, 1)
    .option('--json', 'print the summary as JSON')
    .addHelpText(
      'after',
      '\nThe API key (of platform customer_data) is read from ROLLCALL_KEY or standard input. Exit 1: something is missing.',
    )
    .action(async (options: RunSimulateOptions) => {
      const { runSimulate } = await import('./simulate.ts');
      await done(runSimulate(options));
    });
}
