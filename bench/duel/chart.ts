/** One rival under one workload. */
export interface ChartBar {
  readonly label: string;
  /** Whether it is the one that stands out. */
  readonly own: boolean;
  /** 1 is the ideal; a little more is possible. */
  readonly share: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly failures: number;
}

/** One workload. */
export interface ChartGroup {
  readonly title: string;
  readonly bars: readonly ChartBar[];
}

const WIDTH = 880;
const LABEL_END = 214;
const AXIS_START = 224;
const AXIS_LENGTH = 400;
const BAR = 15;
const STEP = 20;
const GROUP_HEAD = 34;
const TOP = 92;
const BOTTOM = 44;

/**
 * A picture as SVG: for each workload a bar for each rival, as long as its share of the ideal, with its latencies. It brings its own
 * background in light and dark, so that it can be read wherever it is embedded.
 */
export function duelChart(
  groups: readonly ChartGroup[],
  notes: { readonly ideal: string; readonly source: string },
): string {
  const shares = groups.flatMap(({ bars }) => bars.map(({ share }) => share));
  const scale = AXIS_LENGTH / Math.max(1.1, ...shares);
  const drawn: string[] = [];
  let y = TOP;
  for (const group of groups) {
    drawn.push(drawGroup(group, y, scale));
    y += GROUP_HEAD + group.bars.length * STEP;
  }
  const height = y + BOTTOM;
  const idealX = fixed(AXIS_START + scale);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title description">
<title id="title">Share of the possible throughput: Forebay and its rivals</title>
<desc id="description">${inXml(describe(groups))}</desc>
<style>${STYLE}</style>
<rect class="ground" width="${WIDTH}" height="${height}" rx="10"/>
<text class="headline" x="24" y="36">How much of a mixed pool (1 GPU, 4 CPUs) each way of balancing uses</text>
<text class="note" x="24" y="58">${inXml(notes.ideal)}</text>
<text class="note" x="${idealX}" y="${TOP - 8}" text-anchor="middle">100 %</text>
<text class="note" x="${WIDTH - 24}" y="${TOP - 8}" text-anchor="end">latency p50 · p99</text>
<line class="ideal" x1="${idealX}" y1="${TOP}" x2="${idealX}" y2="${y}"/>
${drawn.join('\n')}
<text class="note" x="24" y="${height - 18}">${inXml(notes.source)}</text>
</svg>
`;
}

function drawGroup({ title, bars }: ChartGroup, y: number, scale: number): string {
  const lines = bars.map((bar, i) => drawBar(bar, y + GROUP_HEAD + i * STEP, scale));
  return `<text class="group" x="24" y="${y + GROUP_HEAD - 10}">${inXml(title)}</text>\n${lines.join('\n')}`;
}

function drawBar({ label, own, share, p50Ms, p99Ms, failures }: ChartBar, y: number, scale: number): string {
  const text = y + BAR - 3;
  const mark = own ? ' own' : '';
  const length = share * scale;
  const failed =
    failures === 0 ? '' : `<tspan class="failed">  ${failures.toLocaleString('en-US')} failed</tspan>`;
  return `<text class="label${mark}" x="${LABEL_END}" y="${text}" text-anchor="end">${inXml(label)}</text>
<rect class="bar${mark}" x="${AXIS_START}" y="${y}" width="${fixed(length)}" height="${BAR}" rx="2"/>
<text class="value${mark}" x="${fixed(AXIS_START + length + 6)}" y="${text}">${Math.round(share * 100)} %${failed}</text>
<text class="latency${mark}" x="${WIDTH - 24}" y="${text}" text-anchor="end">${shown(p50Ms)} · ${shown(p99Ms)} ms</text>`;
}

/** The same for those who cannot see it. */
function describe(groups: readonly ChartGroup[]): string {
  return groups
    .map(({ title, bars }) => {
      const values = bars.map(({ label, share }) => `${label} ${Math.round(share * 100)} %`);
      return `${title}: ${values.join(', ')}.`;
    })
    .join(' ');
}

function shown(ms: number): string {
  return Number.isFinite(ms) ? Math.round(ms).toLocaleString('en-US') : '–';
}

function fixed(value: number): string {
  return value.toFixed(1);
}

function inXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

const STYLE = `
text { font-family: system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328; font-size: 13px; }
.ground { fill: #ffffff; }
.headline { font-size: 18px; font-weight: 600; }
.group { font-size: 14px; font-weight: 600; }
.note, .latency { fill: #59636e; }
.bar { fill: #a9b4c0; }
.bar.own { fill: #0a7ea4; }
.own { font-weight: 700; }
.latency.own, .value.own, .label.own { fill: #075e7b; }
.failed { fill: #b42318; font-weight: 400; }
.ideal { stroke: #59636e; stroke-dasharray: 3 4; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; }
  .ground { fill: #151b23; }
  .note, .latency { fill: #9aa5b1; }
  .bar { fill: #55606d; }
  .bar.own { fill: #2cb1dd; }
  .latency.own, .value.own, .label.own { fill: #6fd0f2; }
  .failed { fill: #ff9b8f; }
  .ideal { stroke: #9aa5b1; }
}
`;
