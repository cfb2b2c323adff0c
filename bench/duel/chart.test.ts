import { expect, it } from 'vitest';
import { duelChart } from './chart.ts';

const bar = { label: 'nginx', own: false, share: 0.5, p50Ms: 12.4, p99Ms: 1_234, failures: 0 };
const notes = { ideal: '100 % is 6,223', source: 'measured' };
const draw = (...bars: (typeof bar)[]) => duelChart([{ title: 'one & two', bars }], notes);
const widths = (svg: string) =>
  [...svg.matchAll(/class="bar[^"]*" [^>]*width="([\d.]+)"/g)].map(([, width]) => Number(width));

it('draws bars as long as their shares', () => {
  const [half = 0, quarter] = widths(draw(bar, { ...bar, share: 0.25 }));
  expect(half).toBeCloseTo((quarter ?? 0) * 2, 0);
  expect(half).toBeGreaterThan(100);
});

it('keeps the longest bar within the picture', () => {
  expect(widths(draw({ ...bar, share: 9 }))).toEqual([400]);
});

it('says every value in words, and marks what failed and who stands out', () => {
  const svg = draw({ ...bar, failures: 1_200 }, { ...bar, label: 'Forebay', own: true, share: 1.02 });
  expect(svg).toContain('>50 %<tspan class="failed">  1,200 failed</tspan>');
  expect(svg).toContain('>12 · 1,234 ms<');
  expect(svg).toContain('<text class="label own"');
  expect(svg).toContain('one &amp; two: nginx 50 %, Forebay 102 %.');
});

it('draws a rival without answers', () => {
  expect(draw({ ...bar, share: 0, p50Ms: Number.NaN, p99Ms: Number.NaN })).toContain('>– · – ms<');
});
