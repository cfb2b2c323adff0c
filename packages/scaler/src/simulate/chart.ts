import type { ReportRow } from './report.ts';
import type { Timeline } from './timeline.ts';

/**
 * The `--chart` file: for each policy the load, the capacity of its ready replicas and, below, its queue; the same scales
 * for all, so that they can be compared by eye. Light or dark as the reader's system is.
 */
export function toChart(
  requests: readonly number[],
  perReplica: number,
  timelines: readonly Timeline[],
  rows: readonly ReportRow[],
): string {
  const load = binned(requests, mean);
  const panels = timelines.map(({ policy, ready, queued }, index) => ({
    policy,
    subtitle: subtitleOf(rows[index]),
    capacity: binned(ready, mean).map((count) => count * perReplica),
    queue: binned(queued, max),
  }));
  const scale = {
    rate: niceCeiling(Math.max(1e-9, ...load, ...panels.flatMap(({ capacity }) => capacity))),
    queue: niceCeiling(Math.max(1, ...panels.flatMap(({ queue }) => queue))),
  };
  const height = TOP + panels.length * PANEL_HEIGHT + 34;
  const body = panels.map((panel, index) => panelOf(panel, load, scale, TOP + index * PANEL_HEIGHT));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="11">
<title>Load, capacity and queue of ${panels.length} ${panels.length === 1 ? 'policy' : 'policies'}</title>
${STYLE}
<rect class="page" width="${WIDTH}" height="${height}"/>
${legend()}
${body.join('\n')}
${timeAxis(requests.length, TOP + panels.length * PANEL_HEIGHT)}
</svg>
`;
}

interface Panel {
  readonly policy: string;
  readonly subtitle: string;
  readonly capacity: readonly number[];
  readonly queue: readonly number[];
}

const WIDTH = 960;
const LEFT = 56;
const PLOT_WIDTH = 888;
const TOP = 34;
const PANEL_HEIGHT = 196;
const RATE_HEIGHT = 104;
const QUEUE_HEIGHT = 40;
const COLUMNS = 444;

const STYLE = `<style>
.page{fill:#fff}text{fill:#3d4450}.name{font-weight:600;font-size:13px;fill:#14181f}.grid{stroke:#dde1e7}
.load{fill:#b9c0cb}.capacity{fill:none;stroke:#1f6fd6;stroke-width:1.6}.queue{fill:#d9652b}
@media (prefers-color-scheme:dark){.page{fill:#14171c}text{fill:#aab2bf}.name{fill:#f0f3f7}.grid{stroke:#2c323b}
.load{fill:#505966}.capacity{stroke:#6cb0ff}.queue{fill:#ff9a5c}}
</style>`;

function panelOf(
  { policy, subtitle, capacity, queue }: Panel,
  load: readonly number[],
  scale: { readonly rate: number; readonly queue: number },
  top: number,
): string {
  const rateTop = top + 24;
  const queueTop = rateTop + RATE_HEIGHT + 12;
  const rate = { top: rateTop, height: RATE_HEIGHT, most: scale.rate };
  const waiting = { top: queueTop, height: QUEUE_HEIGHT, most: scale.queue };
  return `<g>
<text x="${LEFT}" y="${top + 14}"><tspan class="name">${escaped(policy)}</tspan><tspan dx="10">${escaped(subtitle)}</tspan></text>
${gridOf(rate, '/s')}
<path class="load" d="${areaOf(load, rate)}"/>
<path class="capacity" d="${stepsOf(capacity, rate)}"/>
${gridOf(waiting, '')}
<path class="queue" d="${areaOf(queue, waiting)}"/>
</g>`;
}

interface Plot {
  readonly top: number;
  readonly height: number;
  /** The value at its top edge. */
  readonly most: number;
}

function gridOf({ top, height, most }: Plot, unit: string): string {
  const line = (y: number) =>
    `<line class="grid" x1="${LEFT}" x2="${LEFT + PLOT_WIDTH}" y1="${y}" y2="${y}"/>`;
  const label = (y: number, value: number) =>
    `<text x="${LEFT - 6}" y="${y + 4}" text-anchor="end">${short(value)}${unit}</text>`;
  return `${line(top)}${line(top + height)}${label(top, most)}${label(top + height, 0)}`;
}

function areaOf(values: readonly number[], plot: Plot): string {
  return `${stepsOf(values, plot)}V${plot.top + plot.height}H${LEFT}Z`;
}

/** A line that stays level through each column. */
function stepsOf(values: readonly number[], { top, height, most }: Plot): string {
  const y = (value: number) => fixed(top + height - (Math.min(value, most) / most) * height);
  const x = (index: number) => fixed(LEFT + (index / values.length) * PLOT_WIDTH);
  let path = `M${LEFT} ${y(values[0] ?? 0)}`;
  let last = y(values[0] ?? 0);
  for (const [index, value] of values.entries()) {
    if (y(value) === last) continue;
    last = y(value);
    path += `H${x(index)}V${last}`;
  }
  return `${path}H${x(values.length)}`;
}

function legend(): string {
  const entries = [
    '<rect class="load" x="56" y="10" width="14" height="9"/><text x="75" y="19">load, requests/s</text>',
    '<path class="capacity" d="M186 15H204"/><text x="209" y="19">capacity of ready replicas</text>',
    '<rect class="queue" x="368" y="10" width="14" height="9"/><text x="387" y="19">requests waiting</text>',
  ];
  return entries.join('');
}

function timeAxis(seconds: number, y: number): string {
  const step = STEPS_SECONDS.find((one) => seconds / one <= 10) ?? Math.ceil(seconds / 864_000) * 86_400;
  const ticks = Array.from({ length: Math.floor(seconds / step) + 1 }, (_, index) => index * step);
  return ticks
    .map((at) => {
      const x = fixed(LEFT + (at / seconds) * PLOT_WIDTH);
      return `<text x="${x}" y="${y + 14}" text-anchor="middle">${timeOf(at)}</text>`;
    })
    .join('');
}

const STEPS_SECONDS = [10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400];

function timeOf(second: number): string {
  if (second === 0) return '0';
  if (second < 60) return `${second} s`;
  return second % 3600 === 0 && second > 0 ? `${second / 3600} h` : `${second / 60} min`;
}

function subtitleOf(row: ReportRow | undefined): string {
  if (row === undefined) return '';
  const { waitP99Seconds, replicaHours, actions } = row.result;
  const wait = waitP99Seconds === Infinity ? 'never served' : `${waitP99Seconds.toFixed(1)} s`;
  return `p99 wait ${wait} · ${replicaHours.toFixed(1)} replica-hours · ${actions} actions`;
}

function binned(values: readonly number[], pick: (part: readonly number[]) => number): readonly number[] {
  const columns = Math.min(COLUMNS, values.length);
  return Array.from({ length: columns }, (_, column) =>
    pick(
      values.slice(
        Math.floor((column * values.length) / columns),
        Math.floor(((column + 1) * values.length) / columns),
      ),
    ),
  );
}

function mean(part: readonly number[]): number {
  return part.reduce((sum, value) => sum + value, 0) / part.length;
}

function max(part: readonly number[]): number {
  return part.reduce((most, value) => Math.max(most, value), 0);
}

/** The next of 1, 2, 3, 5, 8 × a power of ten. */
function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8].find((step) => step * power >= value) ?? 10) * power;
}

function short(value: number): string {
  return value >= 10_000 ? `${value / 1000}k` : String(Number(value.toPrecision(3)));
}

function fixed(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
