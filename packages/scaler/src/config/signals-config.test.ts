import { expect, it } from 'vitest';
import { configuredSignals, signalNames } from './configured-signals.ts';
import { loadConfig } from './load-config.ts';

function load(yaml: string) {
  return loadConfig({ env: { HOME: '/h' }, argv: ['--config', 'f.yaml'], readFile: () => yaml });
}

const DOCUMENT_000 = `
groups:
  - { name: small, max: 5, policies: [{ type: target-tracking, signal: cpu_percent, target: 60 }] }
  - { name: large, min: 0, initial: 1, max: 3, policies: [{ type: backlog, signal: jobs, perReplica: 1 }] }
signals:
  cpu_percent:
    - { type: cloudwatch, group: small, namespace: AWS/EC2, metric: CPUUtilization, dimensions: { AutoScalingGroupName: a } }
    - { type: prometheus, url: 'http://p:9090', query: q }
  jobs: { type: sqs, group: large, queueUrl: 'https://sqs.eu-west-1.amazonaws.com/1/jobs' }
`;

it('takes a signal for all groups, and lists with one for each group', () => {
  const loaded = load(DOCUMENT_000);
  if (loaded.kind !== 'loaded') throw new Error(loaded.message);
  const { signals } = loaded.config;
  expect(
    configuredSignals(signals).map(({ name, path, signal: { type, group } }) => [
      name,
      path.length,
      type,
      group,
    ]),
  ).toEqual([
    ['cpu_percent', 3, 'cloudwatch', 'small'],
    ['cpu_percent', 3, 'prometheus', undefined],
    ['jobs', 2, 'sqs', 'large'],
  ]);
  expect([signalNames(signals, 'small'), signalNames(signals, 'large')]).toEqual([
    ['cpu_percent'],
    ['cpu_percent', 'jobs'],
  ]);
  expect(signals.jobs).toMatchObject({ count: 'all' });
  expect(configuredSignals(signals)[0]?.signal).toMatchObject({ statistic: 'Average', periodSeconds: 300 });
});

const of = (signals: string, groups = 'groups: [{ name: a }, { name: b }]') =>
  `${groups}\nsignals:\n  x: ${signals}\n`;
const prometheus = "{ type: prometheus, url: 'http://p', query: q }";

it.each([
  ['no signal', of('7'), 'f.yaml:3 signals.x must be a signal, or a list of signals, got 7'],
  ['an empty list', of('[]'), 'f.yaml:3 signals.x must be a list of 1 to 100 signals, got []'],
  [
    'another type',
    of('{ type: cloudwach }'),
    'f.yaml:3 signals.x.type must be one of prometheus, cloudwatch, sqs, did you mean cloudwatch?, got "cloudwach"',
  ],
  [
    'a misspelt key',
    of('{ type: sqs, queueUr: u }'),
    'f.yaml:3 signals.x.queueUr is not a setting, did you mean queueUrl?',
  ],
  [
    'a fault in a list',
    of('\n    - { type: cloudwatch, namespace: N, metric: M, periodSeconds: 45 }'),
    'f.yaml:4 signals.x[0].periodSeconds must be 10, 20, 30 or a multiple of 60 seconds',
  ],
  [
    'a password in a URL',
    of("{ type: sqs, queueUrl: 'http://me:hush@q/' }"),
    'f.yaml:3 signals.x.queueUrl must not carry a user or password, got "http://****@q/"',
  ],
  [
    'a group that is not there',
    of("{ type: sqs, queueUrl: 'http://q/', group: aa }"),
    'f.yaml:3 signals.x.group must be a group, got aa',
  ],
  [
    'two for one group',
    of(
      `\n    - { type: prometheus, url: 'http://p', query: q, group: a }\n    - { type: prometheus, url: 'http://p', query: r, group: a }`,
    ),
    'f.yaml:5 signals.x[1].group must differ from those of x before it, got a again',
  ],
  [
    'two for all groups',
    of(`\n    - ${prometheus}\n    - ${prometheus}`),
    'f.yaml:5 signals.x[1] must name a group, since another x is for every group already',
  ],
  [
    'a policy with another group’s signal',
    of(
      "{ type: sqs, queueUrl: 'http://q/', group: b }",
      'groups: [{ name: a, policies: [{ type: backlog, signal: x, perReplica: 1 }] }, { name: b }]',
    ),
    'f.yaml:1 groups[0].policies[0].signal must be a signal that is measured, got "x"',
  ],
])('refuses %s and names the line', (_name, yaml, message) => {
  expect(load(yaml)).toMatchObject({ kind: 'config-error', message: expect.stringContaining(message) });
});
