/** All sub-commands: their options, their help, and what each ends with (0 done, 1 failed, 2 wrong usage). */

import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { ConfigError } from '../config.ts';
import { PLATFORMS } from '../domain/api-keys.ts';
import { ATTRIBUTE_TYPES } from '../domain/attributes.ts';
import { DomainError } from '../domain/errors.ts';
import { SimulationError } from '../simulate/simulation-error.ts';
import { version } from '../version.ts';
import { type CreateApplicationOptions, createApplicationCommand, listApplications } from './applications.ts';
import { type CreateAttributeOptions, createAttributeCommand, listAttributes } from './attributes.ts';
import { exportAudience, importAudience, listAudiences } from './audiences.ts';
import type { CommonOptions } from './context.ts';
import { backup, type RestoreOptions, restore, verify } from './data.ts';
import { type CreateKeyOptions, createKey, deleteKey, listKeys } from './keys.ts';
import { type RunSimulateOptions, runSimulate } from './simulate.ts';
import { type CreateUserOptions, createUserCommand } from './users.ts';

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

/** Reads a whole number of at least `minimum` from the command line. */
function atLeast(minimum: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!Number.isSafeInteger(value) || value < minimum)
      throw new InvalidArgumentError(`a whole number, ${minimum} or more.`);
    return value;
  };
}

const wholeNumber = atLeast(0);
const positive = atLeast(1);

/** Runs the command line. @returns the exit code */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  let exitCode = 0;
  const done = async (work: Promise<number | undefined>): Promise<void> => {
    exitCode = (await work) ?? 0;
  };
  const program = buildProgram(done);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    return report(error);
  }
}

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof ConfigError) {
    process.stderr.write(`rollcall: ${error.message}\n`);
    return 2;
  }
  if (error instanceof DomainError) {
    process.stderr.write(`rollcall: ${error.message}\n`);
    return error.code === 'invalid' ? 2 : 1;
  }
  if (error instanceof SimulationError) {
    process.stderr.write(`rollcall: ${error.message}\n`);
    return error.kind === 'usage' ? 2 : 1;
  }
  process.stderr.write(`rollcall: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return 1;
}

type Done = (work: Promise<number | undefined>) => Promise<void>;

function buildProgram(done: Done): Command {
  const program = new Command('rollcall')
    .description(
      'Receives customer profiles and audiences from any customer data platform, and answers who is in which audience.',
    )
    .version(version)
    .showHelpAfterError('(--help shows how it is used)')
    .exitOverride();
  const common = (command: Command): Command =>
    command
      .exitOverride()
      .addOption(
        new Option('--database <url>', 'where the data is, sqlite:PATH')
          .env('ROLLCALL_DATABASE')
          .default('sqlite:data/rollcall.db'),
      )
      .option('--json', 'print JSON for machines');
  addServe(program, done);
  addDefinitions(program, common, done);
  addAudiences(program, common, done);
  addData(program, common, done);
  addSimulate(program, done);
  return program;
}

function addServe(program: Command, done: Done): void {
  program
    .command('serve')
    .exitOverride()
    .description('start the server')
    .option('--host <address>', 'address to listen on (default 127.0.0.1)')
    .option('--port <number>', 'port to listen on, 0 takes a free one (default 8080)')
    .option('--database <url>', 'where the data is (default sqlite:data/rollcall.db)')
    .option('--strict', "the hosted product's limits and required headers, for rehearsing an integration")
    .option('--ephemeral', 'keep everything in memory; print one JSON line {url, keys, adminPassword}')
    .option('--hostname <name>', 'a deployment host to serve, others get 404 (repeatable; default any)', collect)
    .option('--public-url <url>', 'base URL people and platforms use')
    .option(
      '--trusted-proxies <list>',
      'proxies whose X-Forwarded-For counts, comma-separated addresses or CIDR ranges',
    )
    .option('--rate-limit <number>', 'requests per second and key (default none; 60 in strict mode)')
    .option('--tls-cert <file>', 'PEM file of the certificate chain')
    .option('--tls-key <file>', 'PEM file of the private key')
    .option('--log-level <level>', 'trace, debug, info, warn, error, fatal or silent (default info)')
    .addHelpText('after', '\nEvery option has a variable, ROLLCALL_PORT and so on; the README lists all settings.')
    .action(async (options: Record<string, string | boolean | string[] | undefined>) => {
      const { ephemeral, hostname, ...rest } = options;
      const flags: Record<string, string> = {};
      for (const [name, value] of Object.entries(rest)) if (value !== undefined) flags[name] = String(value);
      if (Array.isArray(hostname)) flags['hostnames'] = hostname.join(',');
      const { serve } = await import('./serve.ts');
      await done(serve(flags, { ephemeral: ephemeral === true }));
    });
}

function addDefinitions(program: Command, common: (command: Command) => Command, done: Done): void {
  const key = program.command('key').description('API keys').exitOverride();
  common(key.command('create'))
    .description('create an API key and print it, alone on one line; it cannot be shown again')
    .requiredOption('--name <name>', 'name to tell it by')
    .requiredOption('--expires <date>', "last day (in the Application's time zone) or RFC 3339 time")
    .option('--application <name-or-id>', 'Application it belongs to (default: the only or the first live one)')
    .addOption(
      new Option('--platform <platform>', 'who will use it; none makes a generic key')
        .choices(PLATFORMS)
        .default('none'),
    )
    .option('--read-only', 'a generic key that may only read')
    .option('--rate-limit <number>', 'requests per second it may make', positive)
    .action(async (options: CreateKeyOptions) => done(createKey(options)));
  common(key.command('list'))
    .description('list keys, newest first')
    .action(async (options: CommonOptions) => done(listKeys(options)));
  common(key.command('delete'))
    .description('delete a key at once; it cannot be undone')
    .argument('<id>', 'number of the key, as key list shows it', positive)
    .action(async (id: number, options: CommonOptions) => done(deleteKey(id, options)));

  const application = program.command('application').description('Applications').exitOverride();
  common(application.command('list'))
    .description('list Applications')
    .action(async (options: CommonOptions) => done(listApplications(options)));
  common(application.command('create'))
    .description('create an Application')
    .argument('<name>', 'its name')
    .option('--sandbox', 'in the sandbox environment')
    .option('--timezone <name>', 'IANA time zone, such as Europe/Berlin', 'UTC')
    .action(async (name: string, options: CreateApplicationOptions) => done(createApplicationCommand(name, options)));

  const attribute = program.command('attribute').description('attributes of customer profiles').exitOverride();
  common(attribute.command('list'))
    .description('list attributes')
    .action(async (options: CommonOptions) => done(listAttributes(options)));
  common(attribute.command('create'))
    .description('define an attribute')
    .requiredOption('--name <name>', 'API name: a letter, then letters, digits and underscores')
    .addOption(new Option('--type <type>', 'what its values are').choices(ATTRIBUTE_TYPES).makeOptionMandatory())
    .option('--title <title>', 'name shown to people (default: the API name)')
    .option('--description <text>', 'what it means')
    .option('--suggestion <value>', 'a suggested value (repeatable)', collect)
    .option('--restricted', 'refuse values that are not suggested')
    .option('--application <name-or-id>', 'limit it to this Application (repeatable)', collect)
    .action(async (options: CreateAttributeOptions) => done(createAttributeCommand(options)));

  const user = program.command('user').description('users of the console').exitOverride();
  common(user.command('create'))
    .description('create a user; the password is read from standard input, or generated on a terminal')
    .requiredOption('--email <address>', 'e-mail to sign in with')
    .option('--admin', 'may change things')
    .action(async (options: CreateUserOptions) => done(createUserCommand(options)));
}

function addAudiences(program: Command, common: (command: Command) => Command, done: Done): void {
  const audience = program.command('audience').description('audiences').exitOverride();
  common(audience.command('list'))
    .description('list audiences with their sizes')
    .action(async (options: CommonOptions) => done(listAudiences(options)));
  common(audience.command('export'))
    .description('write all members as CSV to standard output')
    .argument('<id>', 'internal number of the audience', positive)
    .action(async (id: number, options: CommonOptions) => done(exportAudience(id, options)));
  common(audience.command('import'))
    .description('replace all members by those of a CSV file (one column, profileintegrationid)')
    .argument('<id>', 'internal number of the audience', positive)
    .argument('<file>', 'the CSV file; - reads standard input')
    .action(async (id: number, file: string, options: CommonOptions) => done(importAudience(id, file, options)));
}

function addData(program: Command, common: (command: Command) => Command, done: Done): void {
  common(program.command('verify'))
    .description('check every promise the data can show; exit 1 when one does not hold')
    .action(async (options: CommonOptions) => done(verify(options)));
  common(program.command('backup'))
    .description('write a consistent copy, also while the server runs')
    .argument('<file>', 'new file; must not exist')
    .action(async (file: string, options: CommonOptions) => done(backup(file, options)));
  common(program.command('restore'))
    .description('replace all data by a backup; what is there now is kept beside the database')
    .argument('<file>', 'a file written by backup')
    .option('--yes', 'do not ask')
    .action(async (file: string, options: RestoreOptions) => done(restore(file, options)));
}

function addSimulate(program: Command, done: Done): void {
  program
    .command('simulate')
    .exitOverride()
    .description(
      'act as a customer data platform that syncs to a server; the key is read from ROLLCALL_KEY or standard input',
    )
    .requiredOption('--url <url>', 'base URL of the server')
    .option('--profiles <number>', 'customer profiles', positive, 10_000)
    .option('--audiences <number>', 'audiences', positive, 20)
    .option('--concurrency <number>', 'connections', positive, 4)
    .option('--changes <number>', 'membership changes (default: as many as profiles)', positive)
    .option('--seed <number>', 'the same seed sends the same data', wholeNumber, 1)
    .option('--json', 'print the summary as JSON')
    .action(async (options: RunSimulateOptions) => done(runSimulate(options)));
}
