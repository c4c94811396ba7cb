/**
 * Jobs on a whole database, run in a thread: a step may take minutes, and the main thread must still receive signals.
 * An interrupted job ends as if killed, and this file cleans up after it.
 */

import { Worker } from 'node:worker_threads';
import { ConfigError } from '../config.ts';
import { DomainError, type ErrorRecord } from '../domain/errors.ts';
import type { VerifyProblem } from '../domain/storage.ts';
import { cleanUpAfter } from '../storage/index.ts';
import { untilInterrupted } from './interruption.ts';
import { say } from './output.ts';

/** A job and its arguments. */
export type DataJob =
  | { readonly kind: 'verify'; readonly url: string }
  | { readonly kind: 'backup'; readonly url: string; readonly file: string }
  | { readonly kind: 'restore'; readonly url: string; readonly file: string; readonly acceptDamage: boolean }
  | { readonly kind: 'migrate'; readonly url: string };

/** The result of each job. */
export interface DataJobResults {
  readonly verify: undefined;
  readonly backup: undefined;
  readonly restore: { readonly safetyCopy: string | undefined };
  readonly migrate: { readonly copy: string | undefined };
}

export interface DataJobInput {
  readonly job: DataJob;
  /** A number from which exactly one of `HURRIED` and `COMMITTING` is reached. */
  readonly gate: Int32Array;
}

export type DataJobMessage =
  | { readonly check: string }
  | { readonly problem: VerifyProblem }
  | { readonly result: unknown }
  | { readonly failed: PlainError };

/** An error in a form that can travel between threads, with everything its message needs. */
export interface PlainError {
  readonly kind: 'domain' | 'config' | 'other';
  readonly record: ErrorRecord | undefined;
  readonly cause: string | undefined;
  readonly message: string;
  readonly details: Readonly<Record<string, string | undefined>>;
}

/**
 * The states of the gate: undecided; the job was interrupted; the job takes effect and can no longer be interrupted.
 */
export const OPEN = 0;
export const INTERRUPTED = 1;
export const COMMITTING = 2;

// A step inside SQLite cannot be cut short; after a while the operator is told why it takes so long.
const SAY_AFTER_MS = 1000;

export interface DataJobListener {
  readonly onProblem?: (problem: VerifyProblem) => void;
  readonly onCheck?: (check: string) => void;
}

/**
 * Runs a job.
 * @param consequence describes the outcome if it is interrupted
 * @throws Interruption, or whatever the job throws
 */
export async function runDataJob<Kind extends DataJob['kind']>(
  job: DataJob & { readonly kind: Kind },
  consequence: string,
  listener: DataJobListener = {},
): Promise<DataJobResults[Kind]> {
  const tidy = cleanUpAfter(job.url, 'file' in job ? job.file : undefined);
  return untilInterrupted(async (signal) => {
    const gate = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const input: DataJobInput = { job, gate };
    const worker = new Worker(new URL(`./data-thread.${extension}`, import.meta.url), { workerData: input });
    const interrupt = (): void => {
      if (Atomics.compareExchange(gate, 0, OPEN, INTERRUPTED) !== OPEN) {
        say('The data is being exchanged; this can no longer be interrupted.');
        return;
      }
      const waiting = setTimeout(() => say('Stopping after the current step …'), SAY_AFTER_MS);
      void worker.terminate().finally(() => clearTimeout(waiting));
    };
    signal.addEventListener('abort', interrupt);
    if (signal.aborted) interrupt();
    try {
      return (await resultOf(worker, listener)) as DataJobResults[Kind];
    } catch (error) {
      if (gate[0] !== INTERRUPTED) throw error;
      tidy();
      throw Object.assign(new Error('interrupted'), { name: 'AbortError' });
    } finally {
      signal.removeEventListener('abort', interrupt);
    }
  }, consequence);
}

/** Resolves when the thread has ended and therefore holds nothing open. */
async function resultOf(worker: Worker, { onProblem, onCheck }: DataJobListener): Promise<unknown> {
  return new Promise((settle, reject) => {
    let end = (): void => reject(new Error('The thread ended before its work was done'));
    worker.on('message', (message: DataJobMessage) => {
      if ('check' in message) onCheck?.(message.check);
      else if ('problem' in message) onProblem?.(message.problem);
      else if ('result' in message) end = () => settle(message.result);
      else end = () => reject(toError(message.failed));
    });
    worker.on('error', (error) => {
      end = () => reject(error instanceof Error ? error : new Error(String(error)));
    });
    worker.on('exit', () => end());
  });
}

/** The thread's message about an error. */
export function toPlainError(error: unknown): PlainError {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : undefined;
  const { code, path, syscall } = error as { code?: string; path?: string; syscall?: string };
  const details = { code, path, syscall, stack };
  if (error instanceof DomainError) return { kind: 'domain', record: error.toRecord(), cause, message, details: {} };
  return { kind: error instanceof ConfigError ? 'config' : 'other', record: undefined, cause, message, details };
}

function toError({ kind, record, cause, message, details }: PlainError): Error {
  if (kind === 'config') return new ConfigError(message);
  const error = record === undefined ? new Error(message) : DomainError.fromRecord(record);
  if (cause !== undefined) error.cause = new Error(cause);
  const known = Object.entries(details).filter(([, value]) => value !== undefined);
  return Object.assign(error, Object.fromEntries(known));
}
