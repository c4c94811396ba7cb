// Owns the progress display of a simulation: one redrawn line on a terminal, a plain line now and then elsewhere.
import { duration, short, whole } from './wording.ts';

const REDRAW_MS = 200;
const PLAIN_LINE_MS = 5000;
const BAR_WIDTH = 20;
/** Rates cover this period, so that they follow the server without flickering. */
const RATE_WINDOW_MS = 5000;

/** The state of a running simulation. */
export interface Standing {
  done: number;
  total: number;
  /** What is counted, such as `changes` or `profiles checked`. */
  unit: string;
  requests: number;
  retries: number;
}

export interface Rates {
  perSecond: number;
  requestsPerSecond: number;
}

/** The text of a progress line, without line ends. */
export function progressLine(standing: Standing, rates: Rates): string {
  const share = standing.total === 0 ? 1 : Math.min(1, standing.done / standing.total);
  const full = Math.floor(share * BAR_WIDTH);
  const bar = '='.repeat(full) + (full < BAR_WIDTH ? '>' : '') + ' '.repeat(Math.max(0, BAR_WIDTH - full - 1));
  // In order of importance: a narrow terminal truncates the line.
  const parts = [
    `[${bar}] ${String(Math.floor(share * 100)).padStart(3)}%`,
    `${short(standing.done)}/${short(standing.total)} ${standing.unit}`,
    `${short(rates.perSecond)}/s`,
  ];
  if (rates.perSecond > 0 && share < 1) {
    parts.push(`${duration((standing.total - standing.done) / rates.perSecond)} left`);
  }
  parts.push(`${short(rates.requestsPerSecond)} requests/s`);
  if (standing.retries > 0) parts.push(`${whole(standing.retries)} retries`);
  return parts.join('  ');
}

/** Draws the state at intervals from `start` to `stop`. */
export class ProgressDisplay {
  readonly #write: (text: string) => void;
  readonly #isTerminal: boolean;
  readonly #width: () => number;
  #history: { at: number; done: number; requests: number }[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(write: (text: string) => void, isTerminal: boolean, width: () => number) {
    this.#write = write;
    this.#isTerminal = isTerminal;
    this.#width = width;
  }

  /** Shows `standing()` from now on; a phase that ends before the first interval shows nothing. */
  start(standing: () => Standing): void {
    this.#history = [];
    this.#observe(standing());
    this.#timer = setInterval(() => this.#draw(standing()), this.#isTerminal ? REDRAW_MS : PLAIN_LINE_MS);
    // An unexpected error must end the program, and not leave it drawing.
    this.#timer.unref();
  }

  /** Ends the phase and clears the line. */
  stop(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (this.#isTerminal) this.#write('\r\u001b[K');
  }

  #draw(standing: Standing): void {
    const line = progressLine(standing, this.#observe(standing));
    // A line wider than the terminal would wrap, and redrawing would leave its first half behind.
    if (this.#isTerminal) this.#write(`\r${line.slice(0, Math.max(20, this.#width() - 1))}\u001b[K`);
    else this.#write(`${line}\n`);
  }

  #observe(standing: Standing): Rates {
    const now = performance.now();
    this.#history.push({ at: now, done: standing.done, requests: standing.requests });
    while (this.#history.length > 2 && (this.#history[0]?.at ?? now) < now - RATE_WINDOW_MS) this.#history.shift();
    const first = this.#history[0];
    if (first === undefined || first.at === now) return { perSecond: 0, requestsPerSecond: 0 };
    const seconds = (now - first.at) / 1000;
    return {
      perSecond: (standing.done - first.done) / seconds,
      requestsPerSecond: (standing.requests - first.requests) / seconds,
    };
  }
}
