import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadConfig } from './load-config.ts';

const HOME = { HOME: '/home/u' };

function load(env: Record<string, string> = {}, yaml?: string) {
  return loadConfig({
    env: { ...HOME, ...env },
    argv: yaml === undefined ? [] : ['--config', 'f.yaml'],
    readFile: () => yaml ?? '',
  });
}

function problems(env: Record<string, string> = {}, yaml?: string): readonly string[] {
  const result = load(env, yaml);
  return result.kind === 'config-error' ? result.problems : [];
}

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
      'GATEWAY_URL must be URLs like http://gateway:8080 or dns+http://gateway:8080, without a user or password, with commas between or as a list, got "gw:8080"',
    ],
    [
      'a gateway twice',
      { GATEWAY_URL: 'http://a:1,http://A:1/' },
      'GATEWAY_URL must name each gateway once, got "http://a:1,http://A:1/"',
    ],
    [
      'one token for hosts and for everything',
      { FOREBAY_ADMIN_KEY: 'k', HOSTS_TOKEN: 'k' },
      'HOSTS_TOKEN must differ from forebayAdminKey, which opens everything',
    ],
    [
      'gateways without one',
      { GATEWAY_URL: ',' },
      'GATEWAY_URL must name at least one gateway, or be none, got ","',
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

  it('is said and never thrown, whatever the file holds', () => {
    const key = fc.constantFrom('groups', 'alarms', 'signals', 'drivers', 'port', 'gatewayUrl', 'host', 'x');
    const inner = fc.constantFrom(
      'name',
      'policies',
      'type',
      'signal',
      'windows',
      'steps',
      'min',
      'velocity',
      'y',
    );
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom(null, 0, -1, 1.5, '', 'step', 'schedule', 'cpu_percent', true, [], {}),
        fc.array(tie('any'), { maxLength: 3 }),
        fc.dictionary(inner, tie('any'), { maxKeys: 4 }),
      ),
    })).any;
    fc.assert(
      fc.property(fc.dictionary(key, value, { maxKeys: 4 }), fc.boolean(), (file, limited) => {
        const result = load(limited ? { MIN_INSTANCES: '1', CPU_THRESHOLD: '70' } : {}, JSON.stringify(file));
        expect(result.kind === 'loaded' || result.problems.length > 0).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
