/** The command line: finds the sub-command, runs it, and returns its exit code (0 done, 1 failed, 2 wrong usage). */

import { Command } from 'commander';
import { programCommand } from '../config.ts';
import { version } from '../version.ts';
import { addAudienceCommands, addDataCommands, addDefinitionCommands } from './back-office-commands.ts';
import type { Done } from './command-options.ts';
import { reportFailure } from './failures.ts';
import { Interruption } from './interruption.ts';
import { addDemo, addServe, addSimulate } from './server-commands.ts';

/** Runs the command line. @returns the exit code */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = buildProgram(async (work) => {
    exitCode = await work;
  });
  // Each write's own callback reports a failure; without a listener it would also end the process with a stack trace.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    const command = commandOf(program, args);
    const code = reportFailure(error, { call: callOf(command), flagOf: (field) => flagOf(command, field) });
    // Output that nobody reads would keep the process alive.
    if (error instanceof Interruption) process.exit(code);
    return code;
  }
}

function buildProgram(done: Done): Command {
  const program = new Command('rollcall')
    .description(
      'Receives customer profiles and audiences from any customer data platform, and answers who is in which audience.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    // Both are passed on to the sub-commands: an error is reported once, in the place for all failures.
    .exitOverride()
    .configureOutput({ outputError: () => undefined });
  addServe(program, done);
  addDemo(program, done);
  addDefinitionCommands(program, done);
  addAudienceCommands(program, done);
  addDataCommands(program, done);
  addSimulate(program, done);
  program.addHelpText(
    'after',
    '\nExit codes: 0 done, 1 failed, 2 wrong usage. All commands work while the server runs.',
  );
  return program;
}

/** The sub-command that the arguments name, as far as they name one. */
function commandOf(program: Command, args: readonly string[]): Command {
  let command = program;
  for (const arg of args) {
    const next = command.commands.find((each) => each.name() === arg);
    if (next === undefined) break;
    command = next;
  }
  return command;
}

function callOf(command: Command): string {
  const names: string[] = [];
  for (let each: Command | null = command; each?.parent; each = each.parent) names.unshift(each.name());
  return [programCommand(), ...names].join(' ');
}

// Fields whose flags have another name.
const OTHER_FLAGS: Readonly<Record<string, string>> = {
  suggestions: '--suggestion',
  restrictedBySuggestions: '--restricted',
};

function flagOf(command: Command, field: string): string | undefined {
  const flag = OTHER_FLAGS[field] ?? `--${field}`;
  return command.options.some(({ long }) => long === flag) ? flag : undefined;
}
