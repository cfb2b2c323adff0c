import { describe, expect, it } from 'vitest';
import { toChart } from './chart.ts';

const RESULT = {
  waitP50Seconds: 0,
  waitP99Seconds: 1.25,
  waitMaxSeconds: 2,
  replicaHours: 1,
  actions: 2,
  unserved: 0,
};

describe('toChart', () => {
  it('draws load, capacity and queue of each policy', () => {
    const timelines = ['hpa', 'a<b>&"c"'].map((policy) => ({
      policy,
      desired: [1, 2, 2],
      ready: [1, 1, 2],
      queued: [0, 4, 0],
    }));
    const rows = timelines.map(({ policy }) => ({ policy, result: RESULT }));
    const svg = toChart([10, 20, 0], 10, timelines, rows);
    expect(svg.match(/class="(load|capacity|queue)" d=/g)).toHaveLength(7);
    expect(svg).toContain('a&lt;b&gt;&amp;&quot;c&quot;');
    expect(svg).toContain('p99 wait 1.3 s · 1.0 replica-hours · 2 actions');
    // 10, 20 and 0 of at most 20, over 104 high and 888 wide.
    expect(svg).toContain('class="load" d="M56 110H352V58H648V162H944V162H56Z"');
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  it.each([
    ['no request at all', new Array<number>(90).fill(0), 0],
    ['a day', new Array<number>(86_400).fill(3), 2],
    ['a single second', [1], 1],
  ])('can draw %s', (_, requests, count) => {
    const flat = new Array<number>(requests.length).fill(count);
    const timelines = [{ policy: 'hpa', desired: flat, ready: flat, queued: flat }];
    const svg = toChart(requests, 1, timelines, [
      { policy: 'hpa', result: { ...RESULT, waitP99Seconds: Infinity } },
    ]);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    expect(svg.length).toBeLessThan(60_000);
  });
});
