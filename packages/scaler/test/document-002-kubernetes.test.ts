import { expect, it } from 'vitest';
import { countChanges, shownChanges, shownTime } from '../suites/systems/count-changes.ts';
import { countRange, mostGrowthPercent, mostTakenAway } from '../suites/systems/count-limits.ts';
import { exampleConfig } from '../suites/systems/example-config.ts';
import { startGatewayStandIn } from '../suites/systems/gateway-stand-in.ts';
import { Hour } from '../suites/systems/hour.ts';
import { pageSection } from '../suites/systems/page-section.ts';
import { systemTable } from '../suites/systems/system-table.ts';
import { type DjlCluster, openDjlCluster } from './document-002-cluster.ts';

const START_MS = Date.UTC(2027, 0, 15, 8);
const STARTUP_SECONDS = 45;

/** CPUs that all pods together would use: quiet, more than ten pods can hold at 70 %, six pods' worth, quiet. */
function loadAt(second: number): number {
  if (second < RISE) return 2.4;
  if (second < FALL) return 16;
  return second < CALM ? 8.4 : 2;
}
const [RISE, FALL, CALM] = [300, 1_200, 2_400];

async function startHour(djl: DjlCluster, gatewayUrl: string): Promise<Hour> {
  djl.load = loadAt(0);
  const config = exampleConfig(
    '002-kubernetes.yaml',
    { 'namespace: default,': `namespace: default, server: '${djl.cluster.url}',` },
    { GATEWAY_URL: gatewayUrl },
  );
  return await Hour.start({ config, startMs: START_MS, onTime: (nowMs) => djl.setTime(nowMs) });
}

it('holds the figures of the HPA of document 002 through an hour', { timeout: 120_000 }, async () => {
  await using djl = await openDjlCluster(START_MS, STARTUP_SECONDS);
  await using gateway = await startGatewayStandIn(() => ({}));
  await using hour = await startHour(djl, gateway.url);
  const counts = new Set<number>();
  const cpu: number[] = [];
  await hour.pass(3_600, (second) => {
    djl.load = loadAt(second);
    djl.cluster.step();
    counts.add(djl.replicas());
    cpu[second] = (100 * djl.load) / (2 * djl.ready().length);
  });

  const changes = countChanges(hour, 'djl-cpu');
  const [out, into] = [
    changes.filter(({ from, to }) => to > from),
    changes.filter(({ from, to }) => to < from),
  ];
  const after = (from: number, among: typeof changes) =>
    (among.find(({ second }) => second >= from)?.second ?? 0) - from;
  const calls = hour.events.flatMap((event) => (event.kind === 'driver-called' ? [event.error] : []));
  const range = [Math.min(...counts), Math.max(...counts)];
  const tracked = cpu.slice(FALL + 900, CALM);

  expect(calls.filter((error) => error !== undefined)).toEqual([]);
  expect([range, countRange(2, changes)]).toEqual([
    [2, 10],
    [2, 10],
  ]);
  // By half, rounded up: 3 become 5.
  for (const { from, to } of out) expect(to).toBeLessThanOrEqual(Math.ceil(from * 1.5));
  expect(out.slice(1).every(({ second }, i) => second - (out[i]?.second ?? 0) >= 60)).toBe(true);
  expect(mostTakenAway(changes, 60)).toBe(1);
  expect(after(RISE, out)).toBeGreaterThanOrEqual(60 - 5);
  expect(after(FALL, into)).toBeGreaterThanOrEqual(300 - 5);
  expect(after(CALM, into)).toBeGreaterThanOrEqual(300 - 5);
  expect([Math.min(...tracked), Math.max(...tracked)]).toEqual([70, 70]);
  expect(hour.events.filter(({ kind }) => kind === 'lost' || kind === 'tick-failed')).toEqual([]);
  expect(hour.logged).toEqual([]);

  const ended = hour.events.flatMap((event) => (event.kind === 'ended' ? [event.cause] : []));
  const table = systemTable([
    [
      '`minReplicas: 2`, `maxReplicas: 10`',
      '`min: 2, max: 10`',
      `${range.join(' to ')} in the Deployment, looked at each second`,
    ],
    [
      '`averageUtilization: 70` of the CPU requested',
      '`target-tracking` of `cpu_percent`, `target: 70`',
      `${Math.max(...tracked)} % from ${shownTime(FALL + 900)} to ${shownTime(CALM)}, under a load that six pods hold`,
    ],
    [
      'up: `stabilizationWindowSeconds: 60`',
      '`stabilizationSeconds.out: 60`',
      `first step ${after(RISE, out)} s after the load rose, when all ticks of 60 s agreed`,
    ],
    [
      'up: at most 50 % in 60 s',
      '`velocity.out`: `percent`, 50 in 60 s',
      `${shownChanges(out)}; the most in 60 s ${mostGrowthPercent(changes, 60).toFixed(0)} %, since half a pod is rounded up, as by the HPA`,
    ],
    [
      'down: `stabilizationWindowSeconds: 300`',
      '`stabilizationSeconds.in: 300`',
      `first steps ${after(FALL, into)} s and ${after(CALM, into)} s after the load fell`,
    ],
    [
      'down: at most 1 pod in 60 s',
      '`velocity.in`: `replicas`, 1 in 60 s',
      `${shownChanges(into)}; the most in 60 s ${mostTakenAway(changes, 60)}`,
    ],
    [
      'pods are ended by Kubernetes, whoever is asked',
      'drained first: `drainSeconds: 60`',
      `${ended.filter((cause) => cause === 'empty').length} of ${ended.length} ended when every gateway said that they were empty`,
    ],
  ]);
  const { path, text } = pageSection('002.md', 'kubernetes', table);
  await expect(text).toMatchFileSnapshot(path);
});

it('does not act beside the HPA of document 002, and says which it is and what to do', async () => {
  await using djl = await openDjlCluster(START_MS, STARTUP_SECONDS);
  await using gateway = await startGatewayStandIn(() => ({}));
  djl.addAutoscaler();
  await using hour = await startHour(djl, gateway.url);
  await hour.pass(600, () => {
    djl.load = loadAt(RISE);
    djl.cluster.step();
    expect(djl.replicas()).toBe(2);
  });
  const refused = hour.events.flatMap((event) =>
    event.kind === 'driver-called' && event.call === 'scale' ? [event.error] : [],
  );
  expect(refused.length).toBeGreaterThan(0);
  for (const error of refused) expect(error).toMatchObject({ code: 'SCALER_DRIVER_CONFLICT' });
  const says =
    /HorizontalPodAutoscaler djl-cpu-hpa scales Deployment djl-cpu in namespace default too .*delete it \(kubectl delete --namespace default hpa djl-cpu-hpa\)/;
  expect(refused[0]?.message).toMatch(says);
  expect(
    hour
      .ticks('djl-cpu')
      .at(-1)
      ?.decision.limits.map(({ because }) => because),
  ).toContainEqual(expect.stringMatching(says));
  expect(hour.logged).toContainEqual(expect.stringMatching(says));
});
