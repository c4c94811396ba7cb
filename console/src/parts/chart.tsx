/** A chart over time. Everything is drawn relative to its frame, so it measures nothing and follows every width. */

import { Paper, Text } from '@mantine/core';
import { type PointerEvent, useState } from 'react';
import classes from './chart.module.css';
import { whenUsed } from './formats.ts';
import { formatCount } from './numbers.ts';

export interface ChartSeries {
  readonly label: string;
  /** A colour of the theme, with its shade: `pine-5`. */
  readonly color: string;
  /** One value per moment. */
  readonly values: readonly number[];
}

export interface ChartProps {
  /** Whether the bars of several series stand side by side or are stacked. */
  readonly kind: 'area' | 'bars' | 'stack';
  /** Height of the drawing, without the labels below it. */
  readonly height: number;
  /** Labels of the moments, oldest first. */
  readonly moments: readonly string[];
  readonly series: readonly ChartSeries[];
}

// The drawing's own units: a moment is as wide as the drawing is high, and the whole is stretched to fit the frame.
const UNIT = 100;
const BAR_SHARE = 0.8;
const MOST_STEPS = 4;
const MOST_NAMED = 6;
const short = whenUsed(() => new Intl.NumberFormat(undefined, { notation: 'compact' }));

/** For sighted users, with the figures under the pointer; the text beside the chart must say what it shows. */
export function Chart({ kind, height, moments, series }: ChartProps) {
  const ticks = ticksUpTo(highest(kind, series));
  const top = ticks.at(-1) ?? 1;
  return (
    <div className={classes.chart}>
      <div className={classes.ticks}>
        {ticks.map((tick) => (
          <span key={tick}>{short().format(tick)}</span>
        ))}
      </div>
      <div className={classes.plot} style={{ height }}>
        <svg
          className={classes.drawing}
          viewBox={`0 0 ${moments.length * UNIT} ${UNIT}`}
          preserveAspectRatio="none"
          aria-hidden
        >
          {ticks.map((tick) => (
            <path
              key={tick}
              className={classes.line}
              d={`M0,${UNIT * (1 - tick / top)}H${moments.length * UNIT}`}
              vectorEffect="non-scaling-stroke"
            />
          ))}
          {kind === 'area' ? (
            <Areas series={series} top={top} />
          ) : (
            <Bars series={series} top={top} stacked={kind === 'stack'} />
          )}
        </svg>
        <Pointed moments={moments} series={series} />
      </div>
      <div className={classes.moments}>
        {named(moments).map(({ index, name }) => (
          <span key={index}>{name}</span>
        ))}
      </div>
      {series.length < 2 ? null : (
        <div className={classes.legend}>
          {series.map(({ label, color }) => (
            <span key={label}>
              <Swatch color={color} />
              {label}
            </span>
          ))}
        </div>
      )}
    </div>
  );
}

interface DrawnProps {
  readonly series: readonly ChartSeries[];
  /** The value at the upper edge. */
  readonly top: number;
}

function Areas({ series, top }: DrawnProps) {
  return series.map(({ label, color, values }) => {
    const points = values.map((value, index) => `${(index + 0.5) * UNIT},${UNIT * (1 - value / top)}`);
    const [from, until] = [0.5 * UNIT, (values.length - 0.5) * UNIT];
    return (
      <g key={label} fill={colorOf(color)} stroke={colorOf(color)}>
        <path d={`M${from},${UNIT}L${points.join(' ')} ${until},${UNIT}Z`} fillOpacity={0.2} stroke="none" />
        <path d={`M${points.join(' ')}`} fill="none" strokeWidth={2} vectorEffect="non-scaling-stroke" />
      </g>
    );
  });
}

/** All bars of a series form one shape. */
function Bars({ series, top, stacked }: DrawnProps & { readonly stacked: boolean }) {
  const width = (UNIT * BAR_SHARE) / (stacked ? 1 : series.length);
  return series.map(({ label, color, values }, place) => {
    const bars = values.map((value, index) => {
      if (value === 0) return '';
      const below = stacked ? series.slice(0, place).reduce((sum, each) => sum + (each.values[index] ?? 0), 0) : 0;
      const left = index * UNIT + (UNIT * (1 - BAR_SHARE)) / 2 + (stacked ? 0 : place * width);
      const [foot, head] = [UNIT * (1 - below / top), UNIT * (1 - (below + value) / top)];
      return `M${left},${foot}V${head}H${left + width}V${foot}Z`;
    });
    return <path key={label} d={bars.join('')} fill={colorOf(color)} />;
  });
}

/** The moment under the pointer, and its figures. */
function Pointed({ moments, series }: Pick<ChartProps, 'moments' | 'series'>) {
  const [pointed, setPointed] = useState<number>();
  const follow = ({ currentTarget, clientX }: PointerEvent) => {
    const { left, width } = currentTarget.getBoundingClientRect();
    const index = Math.floor(((clientX - left) / width) * moments.length);
    setPointed(Math.min(Math.max(index, 0), moments.length - 1));
  };
  const share = 100 / moments.length;
  return (
    <div style={{ position: 'absolute', inset: 0 }} onPointerMove={follow} onPointerLeave={() => setPointed(undefined)}>
      {pointed === undefined || moments[pointed] === undefined ? null : (
        <>
          <div className={classes.band} style={{ left: `${pointed * share}%`, width: `${share}%` }} />
          <Paper className={classes.told} withBorder shadow="sm" style={beside(pointed, share)}>
            <Text size="xs" fw={600}>
              {moments[pointed]}
            </Text>
            {series.map(({ label, color, values }) => (
              <div key={label}>
                <span>
                  <Swatch color={color} />
                  {label}
                </span>
                <span>{formatCount(values[pointed] ?? 0)}</span>
              </div>
            ))}
          </Paper>
        </>
      )}
    </div>
  );
}

/** On the side with more room. */
function beside(index: number, share: number): { left: string } | { right: string } {
  const left = index * share;
  return left < 50 ? { left: `${left + share}%` } : { right: `${100 - left}%` };
}

function Swatch({ color }: { readonly color: string }) {
  return <span className={classes.swatch} style={{ background: colorOf(color) }} />;
}

function colorOf(color: string): string {
  return `var(--mantine-color-${color})`;
}

function highest(kind: ChartProps['kind'], series: readonly ChartSeries[]): number {
  const heights =
    kind === 'stack'
      ? (series[0]?.values ?? []).map((_, index) => series.reduce((sum, { values }) => sum + (values[index] ?? 0), 0))
      : series.flatMap(({ values }) => values);
  return heights.reduce((most, each) => Math.max(most, each), 0);
}

/** Evenly spaced round numbers from 0; the last one is at least `most`. */
function ticksUpTo(most: number): number[] {
  const least = Math.max(most, 1) / MOST_STEPS;
  const magnitude = 10 ** Math.floor(Math.log10(least));
  const step = Math.max(1, ([1, 2, 5].find((each) => each * magnitude >= least) ?? 10) * magnitude);
  return Array.from({ length: Math.ceil(Math.max(most, 1) / step) + 1 }, (_, index) => index * step);
}

/** A few of the moments, each in the middle of an equal share of them. */
function named(moments: readonly string[]): readonly { readonly index: number; readonly name: string }[] {
  const count = Math.min(moments.length, MOST_NAMED);
  return Array.from({ length: count }, (_, part) => {
    const index = Math.floor(((part + 0.5) * moments.length) / count);
    return { index, name: moments[index] ?? '' };
  });
}
