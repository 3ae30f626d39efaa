import { type FigureGroup, figureGroups, figures, pointsOf } from './figures.ts';
import { type GrowthPoint, growthOf } from './growth.ts';
import type { MeasuredSize } from './scale-results.ts';

const WIDTH = 640;
const HEIGHT = 400;
const MARGIN = { left: 70, right: 20, top: 44, bottom: 50 };
/** To be told apart by everybody, on white. */
const COLORS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7'];
const LEGEND_LINE = 16;

/**
 * A group of figures over the number of open calls, both axes logarithmic: what grows in proportion rises by one decade
 * with each. Dashed lines are the fitted ones. A figure of 0 has no place on such an axis, and is left out.
 */
export function renderPlot(group: FigureGroup, sizes: readonly MeasuredSize[]): string {
  const series = figures
    .filter((figure) => figure.group === group)
    .map(({ title, unit, ...figure }) => ({
      title: `${title}, ${unit}`,
      points: pointsOf({ title, unit, ...figure }, sizes).filter(({ value }) => value > 0),
    }));
  const all = series.flatMap(({ points }) => points);
  const x = scale(
    sizes.map(({ waits }) => waits),
    MARGIN.left,
    WIDTH - MARGIN.right,
  );
  const y = scale(
    all.map(({ value }) => value),
    HEIGHT - MARGIN.bottom,
    MARGIN.top + series.length * LEGEND_LINE,
  );
  const body = [
    ...x.ticks.map((tick) => verticalTick(x.at(tick), tick)),
    ...y.ticks.map((tick) => horizontalTick(y.at(tick), tick)),
    ...series.flatMap(({ title, points }, i) => {
      const color = COLORS[i % COLORS.length] ?? 'black';
      const at = ({ waits, value }: GrowthPoint) => `${round(x.at(waits))},${round(y.at(value))}`;
      return [
        ...fittedLine(points).map((line) => dashed(line.map(at).join(' '), color)),
        `<polyline points="${points.map(at).join(' ')}" fill="none" stroke="${color}" stroke-width="1.5"/>`,
        ...points.map(
          (point) =>
            `<circle cx="${round(x.at(point.waits))}" cy="${round(y.at(point.value))}" r="3.5" fill="${color}"/>`,
        ),
        text(MARGIN.left + 8, MARGIN.top + (i + 0.6) * LEGEND_LINE, legend(title, points), { color }),
      ];
    }),
    text(WIDTH / 2, 24, figureGroups[group], { anchor: 'middle', size: 15 }),
    text(WIDTH / 2, HEIGHT - 12, 'open calls', { anchor: 'middle' }),
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    ...body,
    '</svg>\n',
  ].join('\n');
}

/** Whole decades around the values. */
function scale(values: readonly number[], from: number, to: number) {
  const logs = values.map(Math.log10);
  const low = logs.length === 0 ? 0 : Math.floor(Math.min(...logs) + 1e-9);
  const high = logs.length === 0 ? 1 : Math.max(Math.ceil(Math.max(...logs) - 1e-9), low + 1);
  return {
    ticks: Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i)),
    at: (value: number) => from + ((Math.log10(value) - low) / (high - low)) * (to - from),
  };
}

/** The line of the exponent, through the middle of the logarithms, as its two ends. */
function fittedLine(points: readonly GrowthPoint[]): readonly (readonly GrowthPoint[])[] {
  const exponent = growthOf(points)?.exponent ?? null;
  const [first, last] = [points[0], points.at(-1)];
  if (exponent === null || !first || !last) return [];
  const middle = (of: (point: GrowthPoint) => number) =>
    points.reduce((sum, point) => sum + Math.log(of(point)), 0) / points.length;
  const [x, y] = [middle(({ waits }) => waits), middle(({ value }) => value)];
  const at = (waits: number) => ({ waits, value: Math.exp(y + exponent * (Math.log(waits) - x)) });
  return [[at(first.waits), at(last.waits)]];
}

function legend(title: string, points: readonly GrowthPoint[]): string {
  const exponent = growthOf(points)?.exponent ?? null;
  return exponent === null ? title : `${title}: grows with the power ${exponent.toFixed(2)}`;
}

function verticalTick(at: number, tick: number): string {
  const [top, bottom] = [MARGIN.top, HEIGHT - MARGIN.bottom];
  return (
    `<line x1="${round(at)}" y1="${top}" x2="${round(at)}" y2="${bottom}" stroke="#ddd"/>` +
    text(at, bottom + 18, tick.toLocaleString('en'), { anchor: 'middle' })
  );
}

function horizontalTick(at: number, tick: number): string {
  return (
    `<line x1="${MARGIN.left}" y1="${round(at)}" x2="${WIDTH - MARGIN.right}" y2="${round(at)}" stroke="#ddd"/>` +
    text(MARGIN.left - 8, at + 4, tick.toLocaleString('en'), { anchor: 'end' })
  );
}

function dashed(points: string, color: string): string {
  return `<polyline points="${points}" fill="none" stroke="${color}" stroke-dasharray="5 4"/>`;
}

interface TextOptions {
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly color?: string;
  readonly size?: number;
}

function text(x: number, y: number, words: string, options: TextOptions = {}): string {
  const { anchor = 'start', color = '#333', size = 12 } = options;
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" fill="${color}" font-size="${size}">${words}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
