import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { scalerMetrics } from './metrics.ts';
import { replicaCounts } from './records/replica-counts.ts';
import { decision } from './store/store-contract.test-support.ts';

/** Everything that can be told, once. */
async function told(): Promise<string> {
  const metrics = scalerMetrics();
  metrics.observeDecision(decision());
  const launchedAtMs = Date.UTC(2026, 0, 5);
  const unhealthy = { launchedAtMs, state: { kind: 'unhealthy', sinceMs: launchedAtMs } } as const;
  metrics.observeReplicas('default', replicaCounts([unhealthy, unhealthy], launchedAtMs + 90_000));
  metrics.countEnded('default', 'drain_timeout');
  metrics.observeDriverCall({ driver: 'process', call: 'scale', outcome: 'ok', seconds: 0.02 });
  metrics.observeDriverCall({ driver: 'process', call: 'list', outcome: 'SCALER_DRIVER_FAILED', seconds: 3 });
  metrics.observeStartup({ group: 'default', atMs: 0, seconds: 31 });
  metrics.learnStartup('default', 33.5);
  metrics.setLeader(true);
  metrics.countError('tick');
  metrics.setAlarm('high-cpu', 'ALARM');
  return (await metrics.render()).body;
}

it.each([
  ['desired_replicas', 'gauge', '{group="default"} 3'],
  ['ready_replicas', 'gauge', '{group="default"} 2'],
  ['starting_replicas', 'gauge', '{group="default"} 0'],
  ['draining_replicas', 'gauge', '{group="default"} 0'],
  ['last_decision_timestamp_seconds', 'gauge', '{group="default"} 1800000000'],
  ['replicas', 'gauge', '{group="default",state="unhealthy"} 2'],
  ['replicas', 'gauge', '{group="default",state="launching"} 0'],
  ['replica_oldest_seconds', 'gauge', '{group="default",state="unhealthy"} 90'],
  ['replica_oldest_seconds', 'gauge', '{group="default",state="ready"} 0'],
  ['replicas_ended_total', 'counter', '{group="default",because="drain_timeout"} 1'],
  ['replicas_ended_total', 'counter', '{group="default",because="stranger"} 0'],
  ['wanted_replicas', 'gauge', '{group="default"} 3'],
  ['policy_vote_replicas', 'gauge', '{group="default",policy="cpu"} 2.7'],
  ['policy_figure', 'gauge', '{group="default",policy="cpu",figure="target"} 70'],
  ['signal_value', 'gauge', '{group="default",signal="cpu_percent"} 93.5'],
  ['signal_value', 'gauge', '{group="default",signal="queued_work_seconds"} +Inf'],
  ['signal_age_seconds', 'gauge', '{group="default",signal="memory_percent"} 5'],
  ['signal_fresh', 'gauge', '{group="default",signal="cpu_percent"} 1'],
  ['signal_fresh', 'gauge', '{group="default",signal="queued_work_seconds"} 0'],
  ['signal_fresh', 'gauge', '{group="default",signal="memory_percent"} 0'],
  ['decisions_total', 'counter', '{group="default",direction="out"} 1'],
  ['limits_bound_total', 'counter', '{group="default",limit="max"} 1'],
  ['driver_calls_total', 'counter', '{driver="process",call="list",outcome="SCALER_DRIVER_FAILED"} 1'],
  ['driver_call_duration_seconds', 'histogram', '_count{driver="process",call="scale"} 1'],
  ['startup_seconds', 'histogram', '_sum{group="default"} 31'],
  ['expected_startup_seconds', 'gauge', '{group="default"} 33.5'],
  ['leader', 'gauge', ' 1'],
  ['errors_total', 'counter', '{where="tick"} 1'],
  ['alarm_state', 'gauge', '{alarm="high-cpu"} 1'],
])('has forebay_scaler_%s, a %s with %s', async (name, type, sample) => {
  const lines = (await told()).split('\n');
  expect(lines).toContain(`# TYPE forebay_scaler_${name} ${type}`);
  expect(lines).toContain(`forebay_scaler_${name}${sample}`);
});

it('counts ticks by direction, and forgets what the last decision no longer has', async () => {
  const metrics = scalerMetrics();
  metrics.observeDecision(decision());
  metrics.observeDecision(decision({ current: 3, target: 2 }));
  const quiet = decision({ current: 2, target: 2, votes: [], signals: {}, limits: [] });
  metrics.observeDecision(quiet);
  const { body } = await metrics.render();
  const samples = body
    .split('\n')
    .filter((line) => /^forebay_scaler_\w*(decisions_|vote|figure|signal|limits)/.test(line));
  expect(samples.toSorted()).toEqual([
    'forebay_scaler_decisions_total{group="default",direction="in"} 1',
    'forebay_scaler_decisions_total{group="default",direction="none"} 1',
    'forebay_scaler_decisions_total{group="default",direction="out"} 1',
    'forebay_scaler_limits_bound_total{group="default",limit="max"} 2',
  ]);
});

it('shows what stands, not what a dry run would do', async () => {
  const metrics = scalerMetrics();
  metrics.observeDecision(decision({ dryRun: true }));
  expect((await metrics.render()).body).toContain('forebay_scaler_desired_replicas{group="default"} 2');
});

it('has names that promtool takes', async () => {
  const text = await told();
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type]) => ({ name, type }));
  expect(types.length).toBeGreaterThan(30);
  for (const { name, type } of types) {
    expect({ name, total: name.endsWith('_total') }).toEqual({ name, total: type === 'counter' });
    expect(name).not.toMatch(/_(milliseconds|ms|minutes|kilobytes|mb|count|sum|bucket|gauge|counter)$/);
    expect(text).toContain(`# HELP ${name} `);
  }
});

it('has all its names in docs/metrics.md, and no other stands there', async () => {
  const docs = readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8');
  const documented = [...docs.matchAll(/^\| `(forebay_scaler_\w+)`/gm)].map(([, name]) => name);
  const exposed = [...(await told()).matchAll(/^# TYPE (forebay_\w+)/gm)].map(([, name]) => name);
  expect(documented.toSorted()).toEqual(exposed.toSorted());
});

const promtool = process.env.PROMTOOL ?? 'promtool';
const hasPromtool = spawnSync(promtool, ['--version']).status === 0;

it.skipIf(!hasPromtool)(
  'is clean for promtool (skipped where it is neither on the PATH nor named by PROMTOOL)',
  async () => {
    const { status, stdout, stderr } = spawnSync(promtool, ['check', 'metrics'], { input: await told() });
    expect(`${status} ${stdout}${stderr}`).toBe('0 ');
  },
);
