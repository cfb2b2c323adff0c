import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { fileJsonSchema } from './json-schema.ts';
import { loadConfig } from './load-config.ts';
import { runSchema } from './run-schema.ts';

const validate = new Ajv({ strict: true, strictRequired: false, allErrors: true }).compile(fileJsonSchema());

const GOOD = [
  ['nothing', '{}'],
  ['a group of each kind of policy', everyPolicy()],
  [
    "document 000's two groups",
    'groups: [{name: small, class: small, min: 1, initial: 2, max: 5}, {name: large, min: 0, max: 3}]',
  ],
  ['gateways as a text', 'gatewayUrl: "http://a,http://b"'],
  ['no gateway', 'gatewayUrl: none'],
  ['gateways as a list', 'gatewayUrl: [http://a, http://b]'],
  ['an alarm', 'alarms: [{name: a, signal: cpu_percent, above: 80}]'],
  [
    'signals of each type, one and many',
    "signals: {a: {type: prometheus, url: 'http://p', query: q}, b: {type: sqs, queueUrl: 'http://q'}, c: [{type: cloudwatch, namespace: n, metric: m, dimensions: {d: v}}]}",
  ],
  ['a velocity', 'groups: [{velocity: {in: {rules: [{type: replicas, value: 1, periodSeconds: 60}]}}}]'],
] as const;

const BAD = [
  ['a misspelt key', 'porte: 1'],
  ['a misspelt key of a group', 'groups: [{maxx: 1}]'],
  ['a misspelt key of a policy', 'groups: [{policies: [{type: queued-work, utilisation: 1}]}]'],
  ['a text for a number', 'port: "80"'],
  ['a number out of bounds', 'groups: [{headroom: 0.9}]'],
  ['no policy of that type', 'groups: [{policies: [{type: magic}]}]'],
  ['a policy that lacks something', 'groups: [{policies: [{type: backlog}]}]'],
  ['an alarm with two bounds', 'alarms: [{name: a, signal: cpu_percent, above: 80, below: 1}]'],
  ['no signal of that type', 'signals: {a: {type: magic}}'],
  ['a misspelt key of a signal in a list', "signals: {a: [{type: sqs, queueUrl: 'http://q', counts: all}]}"],
  ['a gateway that is no URL', 'gatewayUrl: [1]'],
  ['a driver nobody has', 'driver: nomad'],
] as const;

describe('the JSON Schema', () => {
  it.each(GOOD)('lets through what loads: %s', (_name, yaml) => {
    expect([loads(yaml), validate(parse(yaml))]).toEqual([true, true]);
  });

  it.each(BAD)('refuses what does not load: %s', (_name, yaml) => {
    expect([loads(yaml), validate(parse(yaml))]).toEqual([false, false]);
  });

  it('describes every setting of the file and of groups', () => {
    const { properties } = fileJsonSchema();
    const members = [
      ...Object.entries(properties ?? {}),
      ...Object.entries(properties?.groups?.items?.properties ?? {}),
    ];
    expect(members.filter(([, { description }]) => description === undefined).map(([name]) => name)).toEqual(
      [],
    );
  });

  it('is what the command prints', () => {
    const written: string[] = [];
    expect(runSchema({ stdout: (text) => written.push(text) })).toBe(0);
    expect(JSON.parse(written.join(''))).toEqual(fileJsonSchema());
  });
});

function loads(yaml: string): boolean {
  return loadConfig({ env: { HOME: '/h' }, argv: ['--config', 'f'], readFile: () => yaml }).kind === 'loaded';
}

function everyPolicy(): string {
  return `groups:
  - policies:
      - {type: queued-work}
      - {type: target-tracking, signal: cpu_percent, target: 60}
      - {type: step, signal: queue_oldest_seconds, steps: [{change: {type: replicas, value: -1}}, {from: 5, change: {type: percent, value: 50}}, {from: 60, change: {type: exactly, value: 10}}]}
      - {type: request-rate, perReplica: 100}
      - {type: backlog, perReplica: 500}
      - {type: threshold, signal: cpu_percent, above: 70, below: 30}
      - {type: jobs-per-host, signal: in_flight_chunks, jobsPerHost: 40}
      - {type: schedule, timeZone: Europe/Berlin, windows: [{days: [1, 2], fromMinute: 480, toMinute: 1080, replicas: 4}]}
`;
}
