import { describe, expect, it } from 'vitest';
import { podMetrics } from './api-schemas.ts';
import { pod } from './pod.test-support.ts';
import { quantity } from './quantity.ts';
import { usageSamples } from './usage-samples.ts';

const NOW_MS = Date.parse('2026-01-01T00:05:00Z');

const podOf = (name: string, requests: object = { cpu: '2', memory: '2Gi' }, limits: object = { cpu: '4' }) =>
  pod({ name, containers: [{ name: 'djl', resources: { requests, limits } }] });
const metricsOf = (name: string, cpu: string, timestamp = '2026-01-01T00:04:40Z') =>
  podMetrics.parse({
    metadata: { name },
    timestamp,
    containers: [{ name: 'djl', usage: { cpu, memory: '1Gi' } }],
  });

describe('usageSamples', () => {
  it('is what all use of what all request, as old as the oldest measurement', () => {
    const pods = [podOf('a'), podOf('b', { cpu: '6', memory: '6Gi' })];
    const metrics = [metricsOf('a', '1500m'), metricsOf('b', '500m', '2026-01-01T00:04:00Z')];
    expect(usageSamples(pods, metrics, 'requests', NOW_MS)).toEqual({
      cpu_percent: { kind: 'value', value: 25, atMs: NOW_MS - 60_000, freshForSeconds: 120 },
      memory_percent: { kind: 'value', value: 25, atMs: NOW_MS - 60_000, freshForSeconds: 120 },
    });
  });

  it('is of limits where that is asked for', () => {
    const { cpu_percent } = usageSamples([podOf('a')], [metricsOf('a', '1')], 'limits', NOW_MS);
    expect(cpu_percent).toMatchObject({ value: 25 });
  });

  it.each([
    ['no pod is ready', [], []],
    ['metrics-server says nothing of pod b yet', [podOf('a'), podOf('b')], [metricsOf('a', '1')]],
    ['container djl of pod a has no cpu in requests', [podOf('a', { memory: '1Gi' })], [metricsOf('a', '1')]],
    ["pods' cpu can't be understood", [podOf('a')], [metricsOf('a', 'much')]],
    ["pods' cpu can't be understood", [podOf('a', { cpu: '0', memory: '1Gi' })], [metricsOf('a', '1')]],
  ])('is missing where %s', (reason, pods, metrics) => {
    const { cpu_percent } = usageSamples(pods, metrics, 'requests', NOW_MS);
    expect(cpu_percent).toEqual({ kind: 'missing', reason, atMs: NOW_MS });
  });
});

describe('quantity', () => {
  it.each([
    ['2', 2],
    ['250m', 0.25],
    ['1.5', 1.5],
    ['2Gi', 2 * 2 ** 30],
    ['128974848', 128_974_848],
    ['129e6', 129e6],
    ['129M', 129e6],
    ['12345678n', 0.012345678],
    ['1E', 1e18],
    ['.5', 0.5],
    ['', Number.NaN],
    ['much', Number.NaN],
    ['1Xi', Number.NaN],
  ])('of %s is %d', (text, value) => {
    const found = quantity(text);
    if (Number.isNaN(value)) expect(found).toBeNaN();
    else expect(found).toBeCloseTo(value, 12);
  });
});
