/** The benchmark's figures: what they reach, and how they are shown. */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { absent, figureOf, median, type Target, verdictOf } from '../../bench/figure.ts';
import { drawLineChart } from '../../bench/page/line-chart.ts';
import { withFigures } from '../../bench/page/performance-page.ts';
import { tableOf } from '../../bench/report.ts';
import { readSettings, wants } from '../../bench/settings.ts';

const HIGHER: Target = { id: 'B1', title: 'more', unit: '', must: 0.45, goal: 0.6, better: 'higher' };
const LOWER: Target = { id: 'B6', title: 'less', unit: 'ms', must: 20, goal: 10, better: 'lower' };

describe('a figure', () => {
  test.each([
    [HIGHER, [0.61, 0.6, 0.2], 'goal'],
    [HIGHER, [0.45, 0.46], 'must'],
    [HIGHER, [0.44, 0.44, 0.9], 'short'],
    [LOWER, [10], 'goal'],
    [LOWER, [20], 'must'],
    [LOWER, [20.1], 'short'],
    [{ ...LOWER, must: null, goal: null }, [1], 'none'],
  ] as const)('of %o with the rounds %o: %s', (target, values, verdict) => {
    const figure = figureOf(target, values);
    expect(verdictOf(figure)).toBe(verdict);
    expect(figure.spread).toEqual([Math.min(...values), Math.max(...values)]);
  });

  test('is the median of its rounds, and of none there is no figure', () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
    expect(() => median([])).toThrow(RangeError);
  });

  test('that was not measured says so, and neither passes nor falls short', () => {
    const figure = absent(HIGHER, 'redis-server is not installed');
    expect(verdictOf(figure)).toBe('none');
    expect(tableOf([figure])).toContain('| B1 | more | not measured | – | ≥ 0.45 | ≥ 0.6 |  |');
  });
});

describe('the page', () => {
  test('keeps what stands outside the marks', () => {
    const page = readFileSync(new URL('../../docs/performance.md', import.meta.url), 'utf8');
    const once = withFigures(page, 'of one run');
    expect(withFigures(once, 'of one run')).toBe(once);
    expect(withFigures(once, 'of another')).toBe(once.replace('of one run', 'of another'));
    expect(once.startsWith(page.slice(0, page.indexOf('<!--')))).toBe(true);
    expect(() => withFigures('no marks', 'x')).toThrow('marks');
  });

  test('draws every value that was measured, on a scale that contains it', () => {
    const chart = { title: 'Rates & more', places: ['1', '2'], xLabel: 'x', yLabel: 'y' };
    const drawing = drawLineChart({
      ...chart,
      series: [
        { name: '<a>', values: [3, null] },
        { name: 'b', values: [70, 700] },
      ],
    });
    expect(drawing).not.toMatch(/NaN|Infinity|<a>/);
    expect(drawing.match(/<circle/g)).toHaveLength(2);
    expect(drawing.match(/<rect/g)).toHaveLength(3);
    const heights = [...drawing.matchAll(/[ML][\d.]+ ([\d.]+)/g)].map(([, y]) => Number(y));
    expect(Math.min(...heights)).toBeGreaterThanOrEqual(48);
    expect(Math.max(...heights)).toBeLessThanOrEqual(336);
    expect(() => drawLineChart({ ...chart, series: [] })).toThrow(RangeError);
  });
});

describe('the command line', () => {
  test('chooses figures by ID or its first part', () => {
    const settings = readSettings(['--only', 'B11,B3b', '--quick']);
    const chosen = ['B1', 'B11-update', 'B3', 'B3b', 'B3b-paced'].filter(
      (each) => settings !== undefined && wants(settings, each),
    );
    expect(chosen).toEqual(['B11-update', 'B3b', 'B3b-paced']);
  });

  test('refuses what it does not understand', () => {
    expect(() => readSettings(['--rounds', 'many'])).toThrow("--rounds must be a number above 0, not 'many'");
    expect(() => readSettings(['--fast'])).toThrow('--fast');
    expect(() => readSettings(['--only', 'B99'])).toThrow("--only: there is no figure 'B99'");
  });
});
