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

function problems(env: Record<string, string> = {}, yaml?: string): readonly string[] {
  const result = load(env, yaml);
  return result.kind === 'config-error' ? result.problems : [];
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
      allowedHosts: ['scaler:8090', 'x'],
    });
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

describe('a configuration that cannot be used', () => {
  it.each<[string, Record<string, string>, string]>([
    ['a port', { SCALER_PORT: '70000' }, 'SCALER_PORT must be an integer from 0 to 65535, got 70000'],
    ['the shared port', { PORT: 'x' }, 'PORT must be an integer from 0 to 65535, got "x"'],
    ['a number', { MIN_INSTANCES: 'two' }, 'MIN_INSTANCES must be an integer from 0 to 10000, got "two"'],
    ['min and max', { MIN_INSTANCES: '11' }, 'MIN_INSTANCES must be at most max, which is 10, got 11'],
    ['initial', { INITIAL_INSTANCES: '11' }, 'INITIAL_INSTANCES must be from min to max, 2 to 10, got 11'],
    ['a threshold', { CPU_THRESHOLD: 'x' }, 'CPU_THRESHOLD must be a number from 0 to 1000000000, got "x"'],
    ['a cooldown', { SCALING_COOLDOWN: '-1' }, 'SCALING_COOLDOWN must be an integer from 0 to 86400, got -1'],
    [
      'a driver',
      { SCALER_DRIVER: 'swam' },
      'SCALER_DRIVER must be one of process, swarm, kubernetes, ecs, asg, ec2, did you mean swarm?, got "swam"',
    ],
    [
      'a gateway',
      { GATEWAY_URL: 'gw:8080' },
      'GATEWAY_URL must be URLs that begin with http:// or https://, with commas between or as a list, got "gw:8080"',
    ],
    [
      'a key',
      { FOREBAY_ADMIN_KEY: 'a b' },
      'FOREBAY_ADMIN_KEY must be printable ASCII without spaces, got ****',
    ],
    [
      'a host',
      { HOST: '0.0.0.0' },
      expect.stringContaining('HOST is 0.0.0.0, which others can reach: set FOREBAY'),
    ],
  ])('names the variable, its bound and its value: %s', (_name, env, problem) => {
    expect(problems(env)).toEqual([problem]);
  });

  it('lets others in with an admin key', () => {
    expect(problems({ HOST: '0.0.0.0', FOREBAY_ADMIN_KEY: 'k' })).toEqual([]);
  });

  it.each<[string, string, string]>([
    ['a misspelt key', 'porte: 1', 'f.yaml:1 porte is not a setting, did you mean port?'],
    [
      'a misspelt key of a group',
      'groups:\n  - name: a\n    maxx: 1',
      'f.yaml:3 groups[0].maxx is not a setting, did you mean max?',
    ],
    [
      'a misspelt key of a policy',
      'groups:\n  - policies:\n      - {type: queued-work, utilisation: 0.7}',
      'f.yaml:3 groups[0].policies[0].utilisation is not a setting, did you mean utilization?',
    ],
    [
      'an unknown type of policy',
      'groups:\n  - policies:\n      - type: target-trackin',
      'f.yaml:3 groups[0].policies[0].type must be one of queued-work, target-tracking, step, request-rate, backlog, threshold, jobs-per-host, schedule, did you mean target-tracking?, got "target-trackin"',
    ],
    [
      'a bound',
      'groups:\n  - steepFall:\n      part: 1.5',
      'f.yaml:3 groups[0].steepFall.part must be a number from 0 to 0.99, got 1.5',
    ],
    [
      'a field that is missing',
      'groups:\n  - policies:\n      - {type: backlog}',
      'f.yaml:3 groups[0].policies[0].perReplica must be a number above 0 and at most 1000000000, got nothing',
    ],
    [
      'an unknown signal',
      'groups:\n  - policies:\n      - {type: backlog, signal: queued_chunk, perReplica: 1}',
      'f.yaml:3 groups[0].policies[0].signal must be a signal that is measured, got "queued_chunk", did you mean queued_chunks?',
    ],
    [
      'two groups of one name',
      'groups: [{name: a}, {name: a}]',
      'f.yaml:1 groups[1].name must differ from those before it, got a again',
    ],
    [
      'two policies of one name',
      'groups: [{policies: [{type: queued-work}, {type: queued-work}]}]',
      'f.yaml:1 groups[0].policies[1].name must differ from those before it, got "queued-work" again: give it a name of its own',
    ],
    [
      'a weight',
      'groups: [{combine: weighted, policies: [{type: queued-work, weight: 2}, {type: backlog, perReplica: 3}]}]',
      'f.yaml:1 groups[0].policies[1].weight must be given for backlog under combine: weighted',
    ],
    [
      'a window of no length',
      'groups: [{policies: [{type: schedule, windows: [{fromMinute: 60, toMinute: 60, replicas: 3}]}]}]',
      'f.yaml:1 groups[0].policies[0].windows[0] must last some time, got 60 to 60: 0 to 1440 is all day',
    ],
    [
      'a window above max',
      'groups: [{policies: [{type: schedule, windows: [{fromMinute: 0, toMinute: 60, replicas: 30}]}]}]',
      "f.yaml:1 groups[0].policies[0].windows[0].replicas must be at most the group's max, 10, got 30",
    ],
    [
      'a time zone',
      'groups: [{policies: [{type: schedule, timeZone: Mars/X, windows: [{fromMinute: 0, toMinute: 60, replicas: 3}]}]}]',
      'f.yaml:1 groups[0].policies[0].timeZone must be a time zone such as Europe/Berlin, got "Mars/X"',
    ],
    [
      'two steps that begin at one value',
      'groups: [{policies: [{type: step, signal: cpu_percent, steps: [{from: 1, change: {type: replicas, value: 1}}, {from: 1, change: {type: replicas, value: 2}}]}]}]',
      'f.yaml:1 groups[0].policies[0].steps[1] must begin where no other step does, got from 1 a second time',
    ],
    [
      'an alarm without a bound',
      'alarms: [{name: a, signal: cpu_percent}]',
      'f.yaml:1 alarms[0] must have either above or below, got {"name":"a","signal":"cpu_percent"}',
    ],
    [
      'an alarm of a group that is not there',
      'alarms: [{name: a, signal: cpu_percent, above: 80, group: defaul}]',
      'f.yaml:1 alarms[0].group must be a group, got defaul, did you mean default?',
    ],
    [
      'a start-up that is always given up',
      'groups: [{startup: {expectedSeconds: 700}}]',
      'f.yaml:1 groups[0].startup.timeoutSeconds must be above expectedSeconds, which is 700, got 600: every start would be given up',
    ],
    ['a list', '- port', 'f.yaml:1 must be a mapping of settings, such as "port: 8090"'],
  ])('names the line, the path, the bound and the value: %s', (_name, yaml, problem) => {
    expect(problems({}, yaml)).toEqual([problem]);
  });

  it('refuses limits of the environment that no group would have', () => {
    expect(problems({ MAX_INSTANCES: '3', CPU_THRESHOLD: '70' }, 'groups: [{name: a}, {name: b}]')).toEqual([
      "MAX_INSTANCES, CPU_THRESHOLD set up the group default, and the file's groups are a, b: write it into a group there, or name one of them default",
    ]);
  });

  it('needs a place for its state', () => {
    expect(loadConfig({ env: {}, readFile: String })).toMatchObject({
      problems: [expect.stringContaining('SCALER_STATE')],
    });
  });

  it('says all problems at once', () => {
    expect(problems({ SCALER_PORT: 'x' }, 'dryRun: 3\ngroups: 1')).toHaveLength(3);
  });
});
