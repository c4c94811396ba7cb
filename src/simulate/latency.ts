// Owns latency figures: a histogram of fixed size, however many requests it has seen.

// 32 steps per power of two: a reported percentile is at most 3 % above the true one.
const STEPS = 32;
const POWERS = 32;

/** Median, 99th percentile and maximum, in milliseconds. */
export interface LatencySummary {
  count: number;
  p50: number;
  p99: number;
  max: number;
}

export class LatencyHistogram {
  readonly #buckets = new Uint32Array(STEPS * POWERS);
  #count = 0;
  #maxMicros = 0;

  record(milliseconds: number): void {
    const micros = Math.max(0, Math.round(milliseconds * 1000));
    const bucket = bucketOf(micros);
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
    this.#count++;
    if (micros > this.#maxMicros) this.#maxMicros = micros;
  }

  /** The upper edge of the bucket that holds the `share`-th value (0.5 = median), in milliseconds; 0 when empty. */
  percentile(share: number): number {
    let left = Math.max(1, Math.ceil(this.#count * share));
    for (let bucket = 0; bucket < this.#buckets.length; bucket++) {
      left -= this.#buckets[bucket] ?? 0;
      if (left <= 0) return Math.min(upperEdge(bucket), this.#maxMicros) / 1000;
    }
    return this.#maxMicros / 1000;
  }

  summary(): LatencySummary {
    return {
      count: this.#count,
      p50: this.percentile(0.5),
      p99: this.percentile(0.99),
      max: this.#maxMicros / 1000,
    };
  }
}

// Values below 32 have a bucket each; above, the five bits after the leading one choose the step.
function bucketOf(micros: number): number {
  if (micros < STEPS) return micros;
  const power = Math.floor(Math.log2(micros)) - 5;
  const step = Math.floor(micros / 2 ** power) - STEPS;
  return Math.min((power + 1) * STEPS + step, STEPS * POWERS - 1);
}

function upperEdge(bucket: number): number {
  if (bucket < STEPS) return bucket;
  const power = Math.floor(bucket / STEPS) - 1;
  return ((bucket % STEPS) + STEPS + 1) * 2 ** power - 1;
}
