// Tests the simulator's figures and rules in isolation: percentiles, wording, progress, Retry-After, options.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LatencyHistogram } from '../../src/simulate/latency.ts';
import { checkOptions } from '../../src/simulate/options.ts';
import { ProgressDisplay, progressLine } from '../../src/simulate/progress.ts';
import { Random } from '../../src/simulate/random.ts';
import { backoffMs, DEFAULT_RETRY_POLICY, parseRetryAfter, retryCauseOf } from '../../src/simulate/retry.ts';
import { SimulationError } from '../../src/simulate/simulation-error.ts';
import { counted, duration, latency, short, whole } from '../../src/simulate/wording.ts';

describe('latency histogram', () => {
  test('percentiles are within 3.2 % above the exact ones, for every magnitude', () => {
    const random = new Random(11);
    const values = Array.from({ length: 20_000 }, () => 10 ** (random.below(7000) / 1000 - 2));
    const histogram = new LatencyHistogram();
    for (const value of values) histogram.record(value);
    values.sort((a, b) => a - b);
    for (const share of [0.01, 0.5, 0.9, 0.99, 0.999]) {
      const exact = values[Math.ceil(values.length * share) - 1] ?? 0;
      const reported = histogram.percentile(share);
      expect(reported).toBeGreaterThanOrEqual(exact - 0.001);
      expect(reported).toBeLessThanOrEqual(exact * 1.032 + 0.001);
    }
    expect(histogram.summary().max).toBeCloseTo(values.at(-1) ?? 0, 2);
  });

  test('of nothing is zero, of one value is that value', () => {
    const histogram = new LatencyHistogram();
    expect(histogram.summary()).toEqual({ count: 0, p50: 0, p99: 0, max: 0 });
    histogram.record(5.4321);
    expect(histogram.summary()).toEqual({ count: 1, p50: 5.432, p99: 5.432, max: 5.432 });
  });
});

describe('wording', () => {
  test.each([
    [whole(1234567), '1,234,567'],
    [short(0), '0'],
    [short(4.25), '4.3'],
    [short(812.4), '812'],
    [short(9_400), '9.4k'],
    [short(181_600), '182k'],
    [short(1_249_000), '1.2M'],
    [duration(0.04), '0 s'],
    [duration(7.42), '7.4 s'],
    [duration(42), '42 s'],
    [duration(185), '3 min 05 s'],
    [duration(3723), '1 h 02 min'],
    [latency(0.417), '0.42 ms'],
    [latency(8.31), '8.3 ms'],
    [latency(120.4), '120 ms'],
    [latency(2_100), '2.1 s'],
    [counted(1, 'batch', 'batches'), '1 batch'],
    [counted(2000, 'repeat'), '2,000 repeats'],
  ])('%s', (text, expected) => expect(text).toBe(expected));

  test('a progress line shows bar, share, figures, rates and what is left', () => {
    const standing = { done: 430_000, total: 1_000_000, unit: 'changes', requests: 5000, retries: 0 };
    expect(progressLine(standing, { perSecond: 182_000, requestsPerSecond: 2001 })).toBe(
      '[========>           ]  43%  430k/1M changes  182k/s  3.1 s left  2k requests/s',
    );
    const last = { ...standing, done: 1_000_000, retries: 3 };
    expect(progressLine(last, { perSecond: 10, requestsPerSecond: 1 })).toBe(
      '[====================] 100%  1M/1M changes  10/s  1 requests/s  3 retries',
    );
  });
});

describe('progress display', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const watch = (isTerminal: boolean, milliseconds: number) => {
    let done = 0;
    let text = '';
    const write = (piece: string) => {
      text += piece;
    };
    const display = new ProgressDisplay(write, isTerminal, () => 60);
    display.start(() => ({ done: (done += 100), total: 100_000, unit: 'changes', requests: 7, retries: 0 }));
    vi.advanceTimersByTime(milliseconds);
    display.stop();
    vi.advanceTimersByTime(milliseconds);
    return text;
  };

  test('redraws one line on a terminal, never wider than it, and clears it at the end', () => {
    const text = watch(true, 1000);
    const drawn = text.split('\r').slice(1);
    expect(drawn).toHaveLength(6);
    expect(drawn[4]).toBe('[>                   ]   0%  600/100k changes  500/s  3 min\u001b[K');
    expect(drawn.at(-1)).toBe('\u001b[K');
    expect(text).not.toContain('\n');
  });

  test('prints a plain line every few seconds elsewhere', () => {
    const text = watch(false, 12_000);
    expect(text.split('\n')).toHaveLength(3);
    expect(text).not.toContain('\r');
    expect(text).toContain('20/s');
  });
});

describe('retry rules', () => {
  const now = Date.UTC(2026, 10, 23, 12, 0, 0);

  test.each([
    ['3', 3000],
    [' 0 ', 0],
    ['Mon, 23 Nov 2026 12:00:07 GMT', 7000],
    ['Mon, 23 Nov 2026 11:59:00 GMT', 0],
    ['Monday, 23-Nov-26 12:00:02 GMT', 2000],
    ['soon', undefined],
    ['-1', undefined],
    ['1.5', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('Retry-After %j is a wait of %j ms', (value, expected) => expect(parseRetryAfter(value, now)).toBe(expected));

  test('only what may get better by waiting is sent again', () => {
    const causes = [408, 429, 500, 502, 503, 504].map(retryCauseOf);
    expect(causes).toEqual(['timeout', 'rateLimited', 'serverError', 'serverError', 'unavailable', 'serverError']);
    expect([200, 204, 301, 400, 401, 404, 409, 413, 501].filter((status) => retryCauseOf(status))).toEqual([]);
  });

  test('back-off doubles up to the cap, with jitter over its upper half', () => {
    const waits = [1, 2, 3, 6, 7, 20].map((failed) => backoffMs(DEFAULT_RETRY_POLICY, failed, 1));
    expect(waits).toEqual([200, 400, 800, 6400, 10_000, 10_000]);
    expect(backoffMs(DEFAULT_RETRY_POLICY, 3, 0)).toBe(400);
  });
});

describe('options', () => {
  const given = { url: 'http://127.0.0.1:8080', key: 'rck_example' };

  test('defaults', () => {
    const { url, ...rest } = checkOptions(given);
    expect(url.origin).toBe('http://127.0.0.1:8080');
    expect(rest).toEqual({
      key: 'rck_example',
      profiles: 10_000,
      audiences: 20,
      concurrency: 4,
      changes: 10_000,
      seed: 1,
      platformName: 'Rollcall Simulator',
      json: false,
    });
    expect(checkOptions({ ...given, profiles: 3 })).toMatchObject({ changes: 3, concurrency: 3 });
    expect(checkOptions({ ...given, url: 'https://cdp.example.com/' }).url.protocol).toBe('https:');
  });

  test.each([
    [{ url: '127.0.0.1:8080' }, /--url must start with http/],
    [{ url: 'ftp://127.0.0.1' }, /--url must start with http/],
    [{ url: 'http://127.0.0.1:8080/cdp' }, /only the server's address: http:\/\/127\.0\.0\.1:8080/],
    [{ url: 'http://127.0.0.1:8080/?x=1' }, /only the server's address/],
    [{ url: 'http://me:secret@127.0.0.1' }, /must not contain a user/],
    [{ key: ' ' }, /the API key/],
    [{ key: 'kéy' }, /the API key/],
    [{ profiles: 0 }, /--profiles/],
    [{ profiles: 1.5 }, /--profiles/],
    [{ audiences: Number.NaN }, /--audiences/],
    [{ concurrency: 257 }, /--concurrency/],
    [{ changes: 0 }, /--changes/],
    [{ seed: -1 }, /--seed/],
    [{ profiles: 100_000_000, audiences: 10_000 }, /too many/],
    [{ platformName: 'Mächtig' }, /--platform-name/],
  ])('%o is refused', (wrong, message) => {
    const check = () => checkOptions({ ...given, ...wrong });
    expect(check).toThrow(message);
    expect(check).toThrow(expect.objectContaining({ kind: 'usage' }) as SimulationError);
  });
});
