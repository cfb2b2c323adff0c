import { describe, expect, it } from 'vitest';
import { type LoadedConfig, loadConfig } from './load-config.ts';

const HOME = { HOME: '/home/u' };

function load(env: Record<string, string> = {}, yaml?: string) {
  return loadConfig({
    env: { ...HOME, ...env },
    argv: yaml === undefined ? [] : ['--config', 'f.yaml'],
    readFile: () => yaml ?? '',
  });
}

function loaded(env: Record<string, string> = {}, yaml?: string): LoadedConfig {
  const result = load(env, yaml);
  if (result.kind === 'config-error') throw new Error(result.message);
  return result;
}

describe('loadConfig', () => {
  it('is complete without any setting', () => {
    expect(loaded().config).toEqual({
      host: '127.0.0.1',
      port: 8090,
      driver: 'process',
      drivers: {},
      gatewayUrl: ['http://127.0.0.1:8080'],
      signals: {},
      groups: [
        {
          name: 'default',
          class: 'default',
          enabled: true,
          driver: 'process',
          driverOptions: {},
          min: 2,
          initial: 2,
          max: 10,
          intervalSeconds: 5,
          policies: [
            {
              type: 'queued-work',
              name: 'queued-work',
              weight: 1,
              utilization: 0.9,
              drainBacklogSeconds: 60,
              trend: true,
              headroom: 1.25,
              tolerance: { out: 0.15, in: 0.15 },
            },
          ],
          combine: 'max',
          stabilizationSeconds: { out: 0, in: 450 },
          steepFall: { part: 0.25, seconds: 300 },
          flapping: { growth: 1.5, withinSeconds: 1200, longestSeconds: 1200 },
          cooldownSeconds: { out: 0, in: 0 },
          velocity: { out: { rules: [], select: 'max' }, in: { rules: [], select: 'max' } },
          startup: { expectedSeconds: 60, timeoutSeconds: 600 },
          drainSeconds: 120,
          unhealthySeconds: 43_200,
          staleAfterSeconds: 30,
          chunksPerSecond: 600,
          pricePerHour: 0.17,
        },
      ],
      alarms: [],
      state: '/home/u/.local/state/forebay/scaler.sqlite',
      dryRun: false,
      onStop: 'keep',
      logLevel: 'info',
      forebayAdminKey: undefined,
      backendsToken: undefined,
      hostsToken: undefined,
      interruptionQueues: [],
      allowedHosts: ['127.0.0.1', 'localhost', '[::1]'],
    });
  });

  it('cannot be changed afterwards', () => {
    expect(Object.isFrozen(loaded().config.groups[0]?.stabilizationSeconds)).toBe(true);
  });

  it('reads every variable of the environment', () => {
    const { config } = loaded({
      SCALER_HOST: '::1',
      SCALER_PORT: '0',
      SCALER_DRIVER: 'swarm',
      GATEWAY_URL: 'http://a:1, http://b:2',
      MIN_INSTANCES: '1',
      INITIAL_INSTANCES: '3',
      MAX_INSTANCES: '4',
      SCALING_COOLDOWN: '300',
      SCALER_STATE: ':memory:',
      SCALER_DRY_RUN: 'on',
      LOG_LEVEL: 'debug',
      FOREBAY_ADMIN_KEY: 'k',
      BACKENDS_TOKEN: 't',
      HOSTS_TOKEN: 't',
      ALLOWED_HOSTS: 'Scaler:8090,x',
    });
    expect(config).toMatchObject({
      host: '::1',
      port: 0,
      driver: 'swarm',
      gatewayUrl: ['http://a:1', 'http://b:2'],
      groups: [{ driver: 'swarm', min: 1, initial: 3, max: 4, cooldownSeconds: { out: 300, in: 300 } }],
      state: ':memory:',
      dryRun: true,
      logLevel: 'debug',
      forebayAdminKey: 'k',
      backendsToken: 't',
      hostsToken: 't',
      allowedHosts: ['scaler:8090', 'x'],
    });
  });

  it('reads no gateway where there is none to read', () => {
    expect(loaded({ GATEWAY_URL: 'none' }).config.gatewayUrl).toEqual([]);
  });

  it.each([
    [{ HOST: '127.0.0.2', PORT: '1' }, '127.0.0.2', 1],
    [{ HOST: '127.0.0.2', SCALER_HOST: '127.0.0.3', PORT: '1', SCALER_PORT: '2' }, '127.0.0.3', 2],
    [{ SCALER_PORT: '', PORT: '9' }, '127.0.0.1', 9],
  ])('takes its own host and port before the shared ones in %j', (env, host, port) => {
    expect(loaded(env).config).toMatchObject({ host, port });
  });

  it("adds document 004's policies for the thresholds that are given", () => {
    const { config, originOf } = loaded({ CPU_THRESHOLD: '70', MEMORY_THRESHOLD: '80' });
    expect(config.groups[0]?.policies.slice(1)).toEqual([
      {
        type: 'threshold',
        name: 'cpu-based-scaling',
        weight: 1,
        signal: 'cpu_percent',
        above: 70,
        outFactor: 1.5,
        below: 35,
        inFactor: 0.75,
      },
      {
        type: 'threshold',
        name: 'memory-based-scaling',
        weight: 1,
        signal: 'memory_percent',
        above: 80,
        outFactor: 1.5,
        below: 40,
        inFactor: 0.75,
      },
    ]);
    expect(originOf(['groups', 0, 'policies', 2, 'above'])).toBe('MEMORY_THRESHOLD');
  });

  it('lets the environment win over the group default of the file, and keeps the rest', () => {
    const yaml = 'groups:\n  - name: gpu\n    class: gpu\n  - max: 7\n    min: 1\n';
    const { config, originOf } = loaded({ MAX_INSTANCES: '5' }, yaml);
    expect(
      config.groups.map(({ name, min, max, chunksPerSecond }) => [name, min, max, chunksPerSecond]),
    ).toEqual([
      ['gpu', 2, 10, 4000],
      ['default', 1, 5, 600],
    ]);
    expect(originOf(['groups', 1, 'max'])).toBe('MAX_INSTANCES');
    expect(originOf(['groups', 1, 'min'])).toBe('f.yaml:5');
    expect(originOf(['groups', 1, 'headroom'])).toBeUndefined();
  });

  it("lays a group's options over its driver's", () => {
    const yaml = `driver: swarm
drivers: {swarm: {socket: /s, service: a}}
groups: [{name: a, driverOptions: {service: b}}, {name: c, driver: process}]`;
    expect(
      loaded({}, yaml).config.groups.map(({ driver, driverOptions }) => [driver, driverOptions]),
    ).toEqual([
      ['swarm', { socket: '/s', service: 'b' }],
      ['process', {}],
    ]);
  });

  it('knows signals of Prometheus and alarms', () => {
    const yaml = `signals: {gpu_percent: {type: prometheus, url: 'http://p:9090', query: avg(x)}}
groups: [{name: a, policies: [{type: target-tracking, signal: gpu_percent, target: 60}]}]
alarms: [{name: hot, signal: gpu_percent, group: a, above: 80, webhook: 'http://h/'}]`;
    const { config } = loaded({}, yaml);
    expect(config.groups[0]?.policies).toEqual([
      {
        type: 'target-tracking',
        name: 'target-tracking',
        weight: 1,
        signal: 'gpu_percent',
        target: 60,
        of: 'each',
        tolerance: { out: 0.1, in: 0.1 },
      },
    ]);
    expect(config.alarms).toEqual([
      {
        name: 'hot',
        signal: 'gpu_percent',
        group: 'a',
        above: 80,
        periods: 2,
        periodSeconds: 300,
        webhook: 'http://h/',
      },
    ]);
  });

  it('warns of variables that are probably misspelt', () => {
    expect(loaded({ SCALER_COOLDOWN: '3', SCALER_DRYRUN: '1', SCALER_PORT_8090_TCP: 'x' }).warnings).toEqual([
      'SCALER_COOLDOWN is not a setting, did you mean SCALING_COOLDOWN?',
      'SCALER_DRYRUN is not a setting, did you mean SCALER_DRY_RUN?',
    ]);
  });
});
