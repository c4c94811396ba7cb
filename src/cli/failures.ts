/**
 * Turns any failure of a command into one line for the operator and an exit code: 1 for a failure, 2 for wrong usage.
 */

import { CommanderError } from 'commander';
import { ConfigError } from '../config.ts';
import { DomainError } from '../domain/errors.ts';
import { SimulationError } from '../simulate/simulation-error.ts';
import { Interruption } from './interruption.ts';
import { plain } from './output.ts';

const FAILED = 1;
const WRONG_USAGE = 2;
// An argument can be a hundred thousand characters long; a message that repeats it must stay readable.
const MAX_LINE = 1000;

/** What is known about the command that failed. */
export interface FailedCommand {
  /** The command as the operator types it, such as `rollcall key create`. */
  readonly call: string;
  /** Finds its option for a field of an operation, such as `--expires` for `expires`. */
  readonly flagOf: (field: string) => string | undefined;
}

/** Reports a failure on standard error. @returns the exit code */
export function reportFailure(error: unknown, command: FailedCommand): number {
  const { line, code } = explain(error, command);
  if (line !== '') process.stderr.write(`rollcall: ${shorten(line)}\n`);
  return code;
}

function shorten(line: string): string {
  return line.length > MAX_LINE ? `${line.slice(0, MAX_LINE)}…` : line;
}

function explain(error: unknown, command: FailedCommand): { line: string; code: number } {
  if (error instanceof CommanderError) return explainUsage(error, command);
  if (error instanceof ConfigError) return { line: plain(error.message), code: WRONG_USAGE };
  if (error instanceof DomainError) {
    return { line: plain(domainMessage(error, command)), code: error.code === 'invalid' ? WRONG_USAGE : FAILED };
  }
  if (error instanceof SimulationError) {
    return { line: plain(error.message), code: error.kind === 'usage' ? WRONG_USAGE : FAILED };
  }
  if (error instanceof Interruption) return { line: error.message, code: FAILED };
  if (!(error instanceof Error)) return { line: plain(String(error)), code: FAILED };
  // The reader of our output is gone (`| head`): there is nobody to tell, and nothing to add.
  if (codeOf(error) === 'EPIPE') return { line: '', code: FAILED };
  const outside = explainOutside(error);
  if (outside !== undefined) return { line: plain(outside), code: FAILED };
  return { line: `this is a bug, please report it: ${error.stack ?? error.message}`, code: FAILED };
}

function explainUsage(error: CommanderError, { call }: FailedCommand): { line: string; code: number } {
  if (error.exitCode === 0) return { line: '', code: 0 };
  // Help that nobody asked for has already been printed on standard error.
  if (error.code === 'commander.help') return { line: `name one of these commands; ${call} --help`, code: WRONG_USAGE };
  const [what = '', suggestion = ''] = error.message.replace(/^error: /, '').split('\n');
  const remedy = suggestion === '' ? '' : ` ${suggestion.replace('Did', 'did')}`;
  return { line: plain(`${what.replace(/\.$/, '')}${remedy}; see ${call} --help`), code: WRONG_USAGE };
}

/** Operations name a field; the operator knows it as a flag. */
function domainMessage(error: DomainError, { flagOf }: FailedCommand): string {
  const field = error.code === 'invalid' ? /^([a-z][a-zA-Z-]*): /.exec(error.message)?.[1] : undefined;
  const flag = field === undefined ? undefined : flagOf(field);
  const message = flag === undefined ? error.message : `${flag}${error.message.slice(field?.length)}`;
  return error.cause instanceof Error ? `${message} (${error.cause.message})` : message;
}

const SYSTEM_REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EBUSY: 'it is in use',
  EDQUOT: 'the disk quota is exhausted',
  EEXIST: 'it already exists',
  EFBIG: 'the file would become too large',
  EIO: 'the disk reported an error',
  EISDIR: 'it is a folder',
  ELOOP: 'its symbolic links form a loop',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'the name is too long',
  ENFILE: 'too many files are open',
  ENOENT: 'no such file or folder',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'part of this path is a file, not a folder',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the host name cannot be resolved at the moment',
};

/** Describes an error from the operating system; undefined for any other error. */
function explainOutside(error: Error): string | undefined {
  const code = codeOf(error) ?? '';
  const { path, syscall, hostname } = error as Error & { path?: string; syscall?: string; hostname?: string };
  if (syscall !== undefined) {
    // A file is written in a temporary folder until it is complete; the operator knows only its final name.
    const asked = path?.replace(/\.[0-9a-f-]{36}\.(partial|restoring)(\/.*)?$/, '');
    const where = asked ?? hostname ?? (syscall === 'write' ? 'standard output' : syscall);
    return `${where}: ${SYSTEM_REASONS[code] ?? error.message}`;
  }
  // From the writer's thread only the text and the stack of an error arrive.
  const message = code.startsWith('SQLITE_') ? error.message : /^SqliteError: (.*)/.exec(error.message)?.[1];
  if (message === undefined) return undefined;
  const file = path === undefined ? '' : `${path}: `;
  return /malformed|not a database/.test(message)
    ? `${file}the database file is damaged (${message}); move it away and restore a backup with rollcall restore`
    : `${file}the database cannot be used (${message})`;
}

function codeOf(error: Error): string | undefined {
  const { code } = error as Error & { code?: unknown };
  return typeof code === 'string' ? code : undefined;
}
