/** What a signal does to a command: the command undoes its work, says so in one line, and fails. */

export type Signals = readonly NodeJS.Signals[];

// One key press can arrive several times: from the terminal, from npm, and from the shell that ends.
const SAME_SIGNAL_MS = 1000;
// A terminal sends the last one when it is closed.
const INTERRUPTING: Signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** A command was ended by a signal. */
export class Interruption extends Error {
  /** @param consequence describes the outcome of its work, for people */
  constructor(consequence: string) {
    super(`interrupted; ${consequence}`);
  }
}

/**
 * Calls `act` at the first signal; a signal more than a second later ends the process at once.
 * @returns a function that restores the default effect of signals
 */
export function onSignal(signals: Signals, act: (signal: NodeJS.Signals) => void): () => void {
  let first: number | undefined;
  const listener = (signal: NodeJS.Signals): void => {
    if (first === undefined) {
      first = performance.now();
      act(signal);
    } else if (performance.now() - first > SAME_SIGNAL_MS) process.exit(1);
  };
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
}

/**
 * Runs `work` so that a signal makes it undo its changes.
 * @param consequence describes the outcome in that case, for people
 * @throws Interruption when `work` fails after its signal was aborted
 */
export async function untilInterrupted<T>(
  work: (signal: AbortSignal) => Promise<T>,
  consequence = 'nothing was changed',
): Promise<T> {
  const interrupted = new AbortController();
  const ignore = onSignal(INTERRUPTING, () => interrupted.abort());
  try {
    return await work(interrupted.signal);
  } catch (error) {
    throw interrupted.signal.aborted && isAbort(error) ? new Interruption(consequence) : error;
  } finally {
    ignore();
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
