/** One bar, or one stack of bars, for each group. */
export interface BarChart {
  readonly title: string;
  /** What the numbers are, beside the axis. */
  readonly unit: string;
  /** Beside each other or, in a stacked chart, above each other; named in the legend. */
  readonly series: readonly string[];
  readonly stacked: boolean;
  /** Where higher bars are cut off, with their number above. Default: none is. */
  readonly cutAt?: number;
  readonly groups: readonly {
    readonly label: string;
    /** One for each series; null where there is none. */
    readonly values: readonly (number | null)[];
  }[];
}

const WIDTH = 760;
const HEIGHT = 360;
const LEFT = 64;
const RIGHT = 16;
const TOP = 64;
const BOTTOM = 40;
const GROUP_GAP = 0.25;
/** At the most. */
const TICKS = 5;
/** Told apart by people who see few colours, on white as on black. */
const COLOURS = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00'] as const;
const GREY = '#888888';

/** Draws a bar chart as an SVG document. */
export function barChart(chart: BarChart): string {
  const { title, unit, series, stacked, groups, cutAt = Number.POSITIVE_INFINITY } = chart;
  const totals = groups.flatMap(({ values }) => {
    const known = values.map((value) => value ?? 0);
    return stacked ? [known.reduce((sum, value) => sum + value, 0)] : known;
  });
  const highest = Math.min(Math.max(...totals, 0), cutAt);
  const step = niceStep(highest / TICKS);
  const ticks = Math.max(1, Math.ceil(highest / step));
  const top = step * ticks;
  const plotHeight = HEIGHT - TOP - BOTTOM;
  const y = (value: number) => TOP + plotHeight * (1 - Math.min(value, top) / top);
  const groupWidth = (WIDTH - LEFT - RIGHT) / Math.max(1, groups.length);
  const innerWidth = groupWidth * (1 - GROUP_GAP);

  const bars = groups.flatMap(({ label, values }, g) => {
    const x0 = LEFT + g * groupWidth + (groupWidth - innerWidth) / 2;
    const barWidth = stacked ? innerWidth : innerWidth / series.length;
    let below = 0;
    return values.map((value, s) => {
      if (value === null) return '';
      const base = stacked ? below : 0;
      below += value;
      const x = stacked ? x0 : x0 + s * barWidth;
      const [upper, lower] = [y(base + value), y(base)];
      const hint = `<title>${text(`${label}, ${series[s] ?? ''}: ${value.toFixed(1)} ${unit}`)}</title>`;
      const box = `x="${px(x)}" y="${px(upper)}" width="${px(barWidth)}" height="${px(lower - upper)}"`;
      const cut =
        base + value > top
          ? `<text x="${px(x + barWidth / 2)}" y="${px(upper - 4)}" text-anchor="middle" font-size="9">${Math.round(base + value)}</text>`
          : '';
      return `<rect ${box} fill="${colour(s)}">${hint}</rect>${cut}`;
    });
  });
  const labels = groups.map(
    ({ label }, g) =>
      `<text x="${px(LEFT + (g + 0.5) * groupWidth)}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${text(label)}</text>`,
  );
  const axis = Array.from({ length: ticks + 1 }, (_, i) => i * step).map(
    (value) =>
      `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${px(y(value))}" y2="${px(y(value))}" stroke="${GREY}" stroke-opacity="0.4"/>` +
      `<text x="${LEFT - 6}" y="${px(y(value) + 4)}" text-anchor="end">${Number(value.toPrecision(6))}</text>`,
  );
  const legend = series.map((name, s) => {
    const x = LEFT + s * 104;
    return (
      `<rect x="${x}" y="34" width="10" height="10" fill="${colour(s)}"/>` +
      `<text x="${x + 14}" y="43">${text(name)}</text>`
    );
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" font-size="12" fill="${GREY}" role="img" aria-label="${text(title)}">`,
    `<text x="${LEFT}" y="22" font-size="15">${text(`${title} (${unit})`)}</text>`,
    ...axis,
    ...legend,
    ...bars.filter((bar) => bar !== ''),
    ...labels,
    '</svg>\n',
  ].join('\n');
}

/** The smallest of 1, 2, 5, 10, 20 … that is not below. */
function niceStep(atLeast: number): number {
  if (!(atLeast > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(atLeast));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= atLeast) ?? 10 * power;
}

function colour(series: number): string {
  return COLOURS[series % COLOURS.length] ?? GREY;
}

function px(value: number): string {
  return value.toFixed(1);
}

function text(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
