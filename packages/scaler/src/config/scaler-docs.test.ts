import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { roundUp } from '../decide/round-up.ts';
import { lintText } from '../lint/lint-text.ts';
import type { PolicyContext } from '../policies/policy-context.ts';
import { voteOf } from '../policies/vote-of.ts';
import { SIGNAL_NAMES } from '../values/sample.ts';
import { loadConfig } from './load-config.ts';

const docs = readFileSync(new URL('../../../../docs/scaler.md', import.meta.url), 'utf8');

/** The YAML examples of a part of the document. */
function examplesIn(text: string): string[] {
  return [...text.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, yaml = '']) => yaml);
}

function load(yaml: string) {
  const loaded = loadConfig({ env: { HOME: '/h' }, argv: ['--config', 'f'], readFile: () => yaml });
  if (loaded.kind === 'config-error') throw new Error(loaded.message);
  return loaded.config;
}

/** What the first policy under a heading wants, after rounding. */
function wanted(type: string, context: Partial<PolicyContext>, signals: Readonly<Record<string, number>>) {
  const [, section = ''] = docs.split(`\n### ${type}\n`);
  const [yaml = ''] = examplesIn(section);
  const [group] = load(yaml).groups;
  const policy = group?.policies.find((each) => each.type === type);
  if (group === undefined || policy === undefined) throw new Error(`no example of ${type}`);
  const samples = Object.entries(signals).map(([name, value]) => [name, { kind: 'value', value, atMs: 0 }]);
  const vote = voteOf(policy, {
    group: group.name,
    nowMs: 0,
    current: 4,
    ready: 4,
    startingAgesSeconds: [],
    startupSeconds: 60,
    classChunksPerSecond: 600,
    learnedChunksPerSecond: undefined,
    staleAfterSeconds: 30,
    past: [],
    peers: [],
    pricePerHour: group.pricePerHour,
    min: group.min,
    max: group.max,
    ...context,
    samples: Object.fromEntries(samples),
  });
  if (vote.kind === 'abstains') throw new Error(vote.because);
  return { replicas: vote.replicas, count: roundUp(vote.order) };
}

describe('docs/scaler.md', () => {
  it.each(examplesIn(docs).map((yaml) => [yaml.trim().split('\n').slice(0, 9).join(' '), yaml]))(
    'has an example that loads and in which lint finds nothing: %s',
    (_name, yaml) => {
      expect(lintText(yaml, 'f.yaml')).toEqual({ kind: 'linted', findings: [] });
    },
  );

  it('names every signal', () => {
    expect(SIGNAL_NAMES.filter((name) => !docs.includes(`\`${name}\``))).toEqual([]);
  });

  it.each<[string, Partial<PolicyContext>, Record<string, number>, number]>([
    ['target-tracking', {}, { cpu_percent: 90 }, 6],
    ['step', {}, { queue_oldest_seconds: 40 }, 8],
    ['step', {}, { queue_oldest_seconds: 6 }, 5],
    ['step', {}, { queue_oldest_seconds: 2 }, 4],
    ['step', {}, { queue_oldest_seconds: 0 }, 3],
    ['request-rate', {}, { requests_per_second: 120 }, 3],
    ['backlog', { current: 0, ready: 0 }, { held_requests: 1 }, 1],
    ['backlog', { current: 0, ready: 0 }, { held_requests: 25 }, 3],
    ['threshold', {}, { cpu_percent: 85 }, 6],
    ['threshold', {}, { cpu_percent: 20 }, 3],
    ['threshold', {}, { cpu_percent: 50 }, 4],
    ['jobs-per-host', {}, { in_flight_chunks: 100 }, 3],
    ['schedule', { nowMs: Date.UTC(2026, 0, 5, 8) }, {}, 6],
    ['schedule', { nowMs: Date.UTC(2026, 0, 4, 8) }, {}, 2],
  ])('has the numbers that the policy %s comes to in %j with %j: %i', (type, context, signals, count) => {
    expect(wanted(type, context, signals).count).toBe(count);
  });

  it('has the numbers of queued-work: a need of 3.26, for which 5 are ordered', () => {
    const signals = { arrivals_per_second: 1620, queued_chunks: 0, chunks_per_second_per_replica: 600 };
    const { replicas, count } = wanted('queued-work', { current: 2, ready: 2 }, signals);
    expect([replicas.toFixed(2), count]).toEqual(['3.26', 5]);
  });
});
