import { ManualClock } from '@forebay/testing';
import { expect, it } from 'vitest';
import { alarmsOf, notifiersOf } from './alarms-of.ts';
import { loadConfig } from './config/load-config.ts';
import { makeLogger } from './log.ts';

const silent = makeLogger('fatal', { write: () => undefined });

function alarms(yaml: string) {
  const loaded = loadConfig({ env: { HOME: '/h' }, argv: ['--config', 'f'], readFile: () => yaml });
  if (loaded.kind === 'config-error') throw new Error(loaded.message);
  return alarmsOf(loaded.config).map(({ name, group, comparison, threshold, webhook }) => ({
    name,
    group,
    rule: `${comparison} ${threshold}`,
    webhook,
  }));
}

it('makes one for each group that an alarm is about, each with its own webhook', () => {
  const yaml = `
groups: [{name: cpu}, {name: gpu}]
alarms:
  - {name: cpu, signal: cpu_percent, above: 80, webhook: "http://a/"}
  - {name: cpu-gpu, signal: cpu_percent, group: gpu, below: 5, webhook: "http://b/"}
`;
  expect(alarms(yaml)).toEqual([
    { name: 'cpu/cpu', group: 'cpu', rule: 'above 80', webhook: 'http://a/' },
    { name: 'cpu/gpu', group: 'gpu', rule: 'above 80', webhook: 'http://a/' },
    { name: 'cpu-gpu', group: 'gpu', rule: 'below 5', webhook: 'http://b/' },
  ]);
});

it('tells each receiver through one sender, the log of every alarm', () => {
  const topic = 'arn:aws:sns:eu-west-1:123456789012:hot';
  const yaml = `
alarms:
  - {name: a, signal: cpu_percent, above: 80, webhook: "http://a/", snsTopicArn: ${topic}}
  - {name: b, signal: cpu_percent, above: 90, snsTopicArn: ${topic}}
  - {name: c, signal: cpu_percent, above: 95}
`;
  const loaded = loadConfig({ env: { HOME: '/h' }, argv: ['--config', 'f'], readFile: () => yaml });
  if (loaded.kind === 'config-error') throw new Error(loaded.message);
  const of = alarmsOf(loaded.config);
  expect(of.map(({ snsTopicArn }) => snsTopicArn)).toEqual([topic, topic, undefined]);
  expect([...notifiersOf(of, silent, new ManualClock()).keys()]).toEqual(['a', 'b', 'c']);
});

it.each(['topic', 'arn:aws:sqs:eu-west-1:123456789012:q', 'arn:aws:sns:eu-west-1:123456789012:t.fifo'])(
  'refuses %s as a topic',
  (topic) => {
    const yaml = `alarms: [{name: a, signal: cpu_percent, above: 80, snsTopicArn: '${topic}'}]`;
    expect(loadConfig({ env: { HOME: '/h' }, argv: ['--config', 'f'], readFile: () => yaml })).toMatchObject({
      kind: 'config-error',
      message: expect.stringContaining('f:1 alarms[0].snsTopicArn must be the ARN of an SNS topic'),
    });
  },
);
