/** Draws a line chart as SVG: a logarithmic scale over a few named places, in colours for light and dark pages. */

export interface Series {
  readonly name: string;
  /** One for each place; null where nothing was measured. */
  readonly values: readonly (number | null)[];
}

export interface LineChart {
  readonly title: string;
  /** Names of the places on the horizontal axis. */
  readonly places: readonly string[];
  readonly xLabel: string;
  readonly yLabel: string;
  readonly series: readonly Series[];
}

const WIDTH = 720;
const HEIGHT = 400;
const AREA = { left: 80, right: 560, top: 48, bottom: 336 } as const;
/** Distinguishable for the colour-blind, on white and on black; each line has a marker of its own, too. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#8c6d00'];
const MARKERS = [
  (x: number, y: number) => `<circle cx="${x}" cy="${y}" r="4.5"/>`,
  (x: number, y: number) => `<rect x="${x - 4}" y="${y - 4}" width="8" height="8"/>`,
  (x: number, y: number) => `<path d="M${x} ${y - 5}l5 9h-10z"/>`,
  (x: number, y: number) => `<path d="M${x} ${y - 6}l6 6l-6 6l-6 -6z"/>`,
  (x: number, y: number) => `<path d="M${x - 5} ${y - 4}h10l-5 9z"/>`,
];

const STYLE = `text{font:13px system-ui,sans-serif;fill:#1f2328}.title{font-weight:600;font-size:15px}
.grid{stroke:#d0d7de}.line{fill:none;stroke-width:2}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.grid{stroke:#3d444d}}`;

/** @throws RangeError if there is nothing to draw */
export function drawLineChart(chart: LineChart): string {
  const { title, places, series } = chart;
  const values = series.flatMap((each) => each.values).filter((each) => each !== null && each > 0) as number[];
  if (values.length === 0) throw new RangeError(`There is nothing to draw in '${title}'`);
  const ticks = ticksFor(Math.min(...values), Math.max(...values));
  const [lowest = 1, highest = 1] = [ticks[0], ticks.at(-1)];
  const height = AREA.bottom - AREA.top;
  const y = (value: number): number =>
    round(AREA.bottom - (height * Math.log(value / lowest)) / Math.log(highest / lowest));
  const x = (index: number): number => round(AREA.left + ((AREA.right - AREA.left) * (index + 0.5)) / places.length);
  const parts = [
    `<title>${escapeXml(title)}</title>`,
    `<style>${STYLE}</style>`,
    label(AREA.left, 24, title, 'class="title"'),
    ...ticks.map(
      (each) =>
        `<path class="grid" d="M${AREA.left} ${y(each)}H${AREA.right}"/>${label(AREA.left - 8, y(each) + 4, each.toLocaleString('en'), 'text-anchor="end"')}`,
    ),
    ...places.map((each, index) => label(x(index), AREA.bottom + 20, each, 'text-anchor="middle"')),
    label((AREA.left + AREA.right) / 2, AREA.bottom + 44, chart.xLabel, 'text-anchor="middle"'),
    label(
      0,
      0,
      chart.yLabel,
      `text-anchor="middle" transform="translate(18 ${(AREA.top + AREA.bottom) / 2}) rotate(-90)"`,
    ),
    ...series.map((each, index) => drawSeries(each, index, x, y)),
  ];
  const name = escapeXml(title);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${name}">\n${parts.join('\n')}\n</svg>\n`;
}

function drawSeries(
  { name, values }: Series,
  index: number,
  x: (at: number) => number,
  y: (of: number) => number,
): string {
  const colour = COLOURS[index % COLOURS.length] ?? '';
  const marker = MARKERS[index % MARKERS.length] ?? (() => '');
  const points = values.flatMap((value, at) => (value === null || value <= 0 ? [] : [{ x: x(at), y: y(value) }]));
  const line = points.map((point, at) => `${at === 0 ? 'M' : 'L'}${point.x} ${point.y}`).join('');
  const markers = points.map((point) => marker(point.x, point.y)).join('');
  const keyY = AREA.top + 12 + index * 26;
  const key = `${marker(AREA.right + 20, keyY)}${label(AREA.right + 34, keyY + 4, name)}`;
  return `<g fill="${colour}" stroke="${colour}"><path class="line" d="${line}"/>${markers}</g><g fill="${colour}">${key}</g>`;
}

/** 1, 2 and 5 times the powers of ten around the values; only the powers if that were too many. */
function ticksFor(lowest: number, highest: number): number[] {
  const steps = Math.log10(highest / lowest) > 2.5 ? [1] : [1, 2, 5];
  const all: number[] = [];
  for (let power = Math.floor(Math.log10(lowest)); 10 ** power <= highest * 10; power += 1) {
    for (const step of steps) all.push(Number((step * 10 ** power).toPrecision(1)));
  }
  const first = all.findLastIndex((each) => each <= lowest);
  const last = all.findIndex((each) => each >= highest);
  // At least two, so that there is a scale.
  return all.slice(Math.max(0, first), Math.max(last, first + 1) + 1);
}

function label(x: number, y: number, text: string, attributes = ''): string {
  return `<text x="${x}" y="${y}" ${attributes}>${escapeXml(text)}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
