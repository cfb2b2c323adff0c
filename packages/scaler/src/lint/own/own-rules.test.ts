import { describe, expect, it } from 'vitest';
import { lintText } from '../lint-text.ts';

const METRIC = '{type: cloudwatch, namespace: N, metric: M, periodSeconds: 300}';

/** The findings in a group of these settings: the rule and, where a text is wanted, a part of why. */
function found(group: string, rest = ''): string[] {
  const result = lintText(`groups: [{${group}}]\n${rest}`, 'f.yaml');
  return result.kind === 'linted' ? result.findings.map(({ rule, why }) => `${rule}: ${why}`) : [];
}

describe('rules for our own files', () => {
  it.each([
    [
      'a target nothing exceeds',
      'policies: [{type: target-tracking, signal: memory_percent, target: 100}]',
      'percent-out-of-reach: memory_percent goes from 0 to 100',
    ],
    [
      'a band above 100',
      'policies: [{type: step, signal: cpu_percent, steps: [{from: 101, change: {type: replicas, value: 1}}]}]',
      'the band is never reached',
    ],
    [
      'an exact count above max',
      'max: 5, policies: [{type: step, signal: cpu_percent, steps: [{from: 90, change: {type: exactly, value: 9}}]}]',
      'band-never-used: exactly 9 is outside min to max, 2 to 5',
    ],
    ['room and no policy', 'policies: []', 'no-room: default has no policy'],
    [
      'signals that are stale between two ticks',
      'intervalSeconds: 60',
      'shorter-than-tick: decisions come every 60 s',
    ],
    [
      'a window within a tick',
      'stabilizationSeconds: {in: 3}',
      'shorter-than-tick: 3 s is over before the next decision, which comes every 5 s',
    ],
    [
      'thresholds that cross',
      'policies: [{type: threshold, signal: cpu_percent, above: 50, below: 60}]',
      'thresholds-overlap: between 50 and 60',
    ],
    [
      'a scale-in that scales out',
      'policies: [{type: threshold, signal: cpu_percent, above: 70, below: 35, outFactor: 1.1, inFactor: 0.4}]',
      'thresholds-overlap: at 35 5 become 2, which brings cpu_percent to 87.5, above 70: out again',
    ],
    [
      'an outFactor that takes away',
      'policies: [{type: threshold, signal: cpu_percent, above: 70, below: 35, outFactor: 0.5}]',
      'the factor does nothing, one replica is added',
    ],
    [
      'a below nothing reaches',
      'policies: [{type: threshold, signal: cpu_percent, above: 70, below: 0}]',
      'cpu_percent is never below 0',
    ],
    [
      'a threshold from zero',
      'min: 0, policies: [{type: threshold, signal: queued_chunks, above: 70, below: 35}]',
      'asks for nothing while no replica is ready',
    ],
    [
      'a rate of answers from zero',
      'min: 0, policies: [{type: request-rate, perReplica: 10}]',
      'a held request has no answer yet',
    ],
    [
      'no way out',
      'velocity: {out: {select: min, rules: [{type: percent, value: 100, periodSeconds: 60}, {type: replicas, value: 0, periodSeconds: 60}]}}',
      'velocity-zero: of its rules the one that counts allows 0: the group never grows',
    ],
    [
      'a weight of nothing',
      'combine: weighted, policies: [{type: queued-work, weight: 0}, {type: backlog, perReplica: 1, weight: 1}]',
      'weight-ignored: a weight of 0',
    ],
  ])('finds %s', (_name, group, finding) => {
    expect(found(group)).toContainEqual(expect.stringContaining(finding));
  });

  it.each([
    [
      'a signal',
      "signals: {x: {type: prometheus, url: 'http://p', query: q}}",
      'unused: no policy and no alarm uses x',
    ],
    [
      'a signal of a group',
      "signals: {x: [{type: sqs, queueUrl: 'http://q', group: default}]}",
      'unused: no policy and no alarm of group default uses x',
    ],
    [
      'a metric for nothing but an alarm',
      'signals: {x: {type: cloudwatch, namespace: N, metric: M}}',
      'unused: no policy and no alarm uses x',
    ],
    [
      'an alarm below nothing',
      'alarms: [{name: a, signal: queued_chunks, below: 0}]',
      'alarm-never-rings: queued_chunks is never below 0',
    ],
    [
      'an alarm between two ticks',
      'alarms: [{name: a, signal: cpu_percent, above: 80, periodSeconds: 2}]',
      'alarm-never-rings: a period of 2 s is shorter than the 5 s',
    ],
    [
      'an alarm between two values of a metric',
      `signals: {x: ${METRIC}}\nalarms: [{name: a, signal: x, above: 80, periods: 5, periodSeconds: 60}]`,
      'alarm-never-rings: a period of 60 s is shorter than the 300 s',
    ],
    [
      'an alarm that rings anew for each value of a metric',
      `signals: {x: ${METRIC}}\nalarms: [{name: a, signal: x, above: 80, periods: 1, periodSeconds: 300}]`,
      'alarm-never-rings: x comes from CloudWatch every 300 s and late',
    ],
  ])('finds %s', (_name, rest, finding) => {
    expect(found('', rest)).toContainEqual(expect.stringContaining(finding));
  });

  it.each(['periods: 2, periodSeconds: 300', 'periods: 1, periodSeconds: 600'])(
    'finds nothing in an alarm of a metric of 300 s with %s',
    (periods) => {
      const rest = `signals: {x: ${METRIC}}\nalarms: [{name: a, signal: x, above: 80, ${periods}}]`;
      expect(found('', rest)).toEqual([]);
    },
  );

  it.each([
    ['zero with the default policy', 'min: 0'],
    ['a fixed size with no policies written', 'min: 3, max: 3'],
    ['a sum as target', 'policies: [{type: target-tracking, signal: queued_chunks, target: 500, of: total}]'],
    ['no tolerance, held by a window', 'policies: [{type: queued-work, tolerance: {out: 0}, headroom: 1}]'],
    [
      'one zero of two rules where the larger counts',
      'velocity: {out: {rules: [{type: percent, value: 100, periodSeconds: 60}, {type: replicas, value: 0, periodSeconds: 60}]}}',
    ],
    [
      'a schedule that starts from zero',
      'min: 0, policies: [{type: schedule, windows: [{fromMinute: 0, toMinute: 60, replicas: 2}]}]',
    ],
    [
      'a quiet neutral step',
      'policies: [{type: step, signal: cpu_percent, steps: [{from: 80, change: {type: replicas, value: 1}}, {from: 20, change: {type: replicas, value: 0}}, {change: {type: replicas, value: -1}}]}]',
    ],
  ])('finds nothing in %s', (_name, group) => {
    expect(found(group)).toEqual([]);
  });
});
