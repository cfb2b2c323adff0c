import { expect, it } from 'vitest';
import { applyOverride } from './apply-override.ts';
import { loadConfig } from './load-config.ts';

function config(yaml: string) {
  const loaded = loadConfig({ env: { HOME: '/h' }, argv: ['--config', 'f'], readFile: () => yaml });
  if (loaded.kind === 'config-error') throw new Error(loaded.message);
  return loaded.config;
}

const ONE = 'groups: [{min: 2, max: 10}]';
const TWO = 'groups: [{name: cpu, min: 1, max: 4}, {name: gpu, class: gpu, min: 0, max: 2}]';
const TRACKING = 'groups: [{policies: [{type: target-tracking, signal: cpu_percent, target: 60}]}]';

/** What an override changes of the groups, field by field, or what is wrong with it. */
function changed(yaml: string, override: unknown) {
  const before = config(yaml);
  const outcome = applyOverride(before, override);
  if (outcome.kind === 'refused') return outcome.problems.map(({ message }) => message);
  return outcome.groups.map((group, i) =>
    Object.fromEntries(
      Object.entries(group).filter(
        ([key, value]) =>
          JSON.stringify(value) !==
          JSON.stringify(Object.entries(before.groups[i] ?? {}).find(([k]) => k === key)?.[1]),
      ),
    ),
  );
}

it.each<[string, string, unknown, unknown]>([
  ['nothing', ONE, undefined, [{}]],
  ['an empty override', ONE, {}, [{}]],
  ['a maximum', ONE, { max_instances: 12 }, [{ max: 12 }]],
  ['a minimum, and with it where it began', ONE, { min_instances: 3 }, [{ min: 3, initial: 3 }]],
  ['whether it is scaled', ONE, { enabled: false }, [{ enabled: false }]],
  [
    'options of a driver, over those of the file',
    'groups: [{driver: ec2, driverOptions: {subnets: [a], launchTemplate: {id: lt-1}}}]',
    { driver_options: { launchTemplate: { id: 'lt-2' } } },
    [{ driverOptions: { subnets: ['a'], launchTemplate: { id: 'lt-2' } } }],
  ],
  [
    'an option that only the file may set',
    'groups: [{driver: ec2}]',
    { driver_options: { userData: 'x', launchTemplate: 1 } },
    [
      'driver_options.userData is written into the file: of driver ec2 only launchTemplate can be changed over the API',
    ],
  ],
  [
    'a command',
    ONE,
    { groups: [{ name: 'default', driver_options: { command: ['sh'] } }] },
    [
      'groups[0].driver_options.command is written into the file: of driver process no option can be changed over the API',
    ],
  ],
  [
    'no mapping',
    ONE,
    { driver_options: 1 },
    ['driver_options must be a mapping of options of the driver, got 1'],
  ],
  ['both cooldowns', ONE, { scaling_cooldown: 60 }, [{ cooldownSeconds: { out: 60, in: 60 } }]],
  [
    'a setting by its own name',
    ONE,
    { drain_seconds: 9, steep_fall: { part: 0, seconds: 1 } },
    [{ drainSeconds: 9, steepFall: { part: 0, seconds: 1 } }],
  ],
  ['the first group where none is called default', TWO, { max_instances: 5 }, [{ max: 5 }, {}]],
  ['a group by its name', TWO, { groups: [{ name: 'gpu', max_instances: 3 }] }, [{}, { max: 3 }]],
])('changes %s', (_, yaml, override, expected) => {
  expect(changed(yaml, override)).toEqual(expected);
});

it.each<[string, string, unknown, string[]]>([
  [
    'a minimum over the maximum',
    ONE,
    { min_instances: 11 },
    ['min_instances must be at most max, which is 10, got 11'],
  ],
  [
    'a wrong type',
    ONE,
    { max_instances: 'many' },
    ['max_instances must be an integer from 1 to 10000, got "many"'],
  ],
  [
    'a misspelt field',
    ONE,
    { max_instancs: 3 },
    ['max_instancs is not a setting, did you mean max_instances?'],
  ],
  ['a field of a group that it has not', ONE, { driver: 'swarm' }, ['driver is not a setting']],
  [
    'an unknown group',
    TWO,
    { groups: [{ name: 'tpu', max_instances: 3 }] },
    ['groups[0].name must be one of cpu, gpu'],
  ],
  [
    'a signal that nobody measures',
    ONE,
    { policies: [{ type: 'backlog', signal: 'mails', perReplica: 1 }] },
    [expect.stringContaining('policies[0].signal must be a signal that is measured')],
  ],
  ['a threshold that is none', ONE, { cpu_threshold: 'hot' }, [expect.stringContaining('cpu_threshold')]],
])('refuses %s, by the name that it was sent under', (_, yaml, override, problems) => {
  expect(changed(yaml, override)).toEqual(problems);
});

it('adds document 004’s threshold beside other policies, and changes it later', () => {
  const policies = (override: unknown) => {
    const outcome = applyOverride(config(ONE), override);
    return outcome.kind === 'applied'
      ? outcome.groups[0]?.policies.map(({ name }) => name)
      : outcome.problems;
  };
  expect(policies({ cpu_threshold: 70 })).toEqual(['queued-work', 'cpu-based-scaling']);
  expect(policies({ cpu_threshold: 70, policies: [] })).toEqual(['cpu-based-scaling']);
});

it('changes the policy that is shown as the threshold, where there is one', () => {
  const outcome = applyOverride(config(TRACKING), { cpu_threshold: 50 });
  expect(outcome).toMatchObject({
    kind: 'applied',
    groups: [{ policies: [{ type: 'target-tracking', signal: 'cpu_percent', target: 50 }] }],
  });
});
