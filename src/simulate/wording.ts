// Owns how figures are written for people: thousands, rates, durations, milliseconds.

const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** 1234567 → "1,234,567". */
export function whole(value: number): string {
  return WHOLE.format(value);
}

/** Short form for rates: 812, 9.4k, 182k, 1.2M. */
export function short(value: number): string {
  if (value < 999.5) return value < 9.95 && value > 0 ? trimmed(value) : String(Math.round(value));
  if (value < 999_500) return `${value < 9_950 ? trimmed(value / 1000) : Math.round(value / 1000)}k`;
  return `${trimmed(value / 1e6)}M`;
}

/** 7.4 s, 42 s, 3 min 05 s, 1 h 02 min. */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${trimmed(seconds)} s`;
  if (seconds < 59.5) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(Math.round(seconds) / 60);
  if (minutes < 60) return `${minutes} min ${pad(Math.round(seconds) % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
}

/** 0.42 ms, 8.3 ms, 120 ms, 2.1 s. */
export function latency(milliseconds: number): string {
  if (milliseconds < 0.995) return `${milliseconds.toFixed(2)} ms`;
  if (milliseconds < 9.95) return `${milliseconds.toFixed(1)} ms`;
  return milliseconds < 999.5 ? `${Math.round(milliseconds)} ms` : duration(milliseconds / 1000);
}

/** "1 repeat", "2 repeats", "1,000 batches". */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${whole(value)} ${value === 1 ? one : many}`;
}

function trimmed(value: number): string {
  return value.toFixed(1).replace(/\.0$/, '');
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
