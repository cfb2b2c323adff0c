import { changeableOptions } from './changeable-options.ts';
import { signalNames } from './configured-signals.ts';
import { THRESHOLD_VARIABLES, thresholdPolicy } from './environment.ts';
import { didYouMean } from './fields.ts';
import { groupFaults } from './group-rules.ts';
import { groupSchema } from './group-schema.ts';
import { mainGroup } from './main-group.ts';
import { nearestName } from './nearest-name.ts';
import { isMapping } from './overlay.ts';
import { type Fault, faultsOf } from './problems.ts';
import type { DriverOptions, GroupConfig, ScalerConfig } from './scaler-config.ts';

/** What an override comes to: the groups that hold from now on, or what is wrong with its fields. */
export type Overridden =
  | { readonly kind: 'applied'; readonly groups: readonly GroupConfig[] }
  | {
      readonly kind: 'refused';
      readonly problems: readonly { readonly field: string; readonly message: string }[];
    };

type Fields = Readonly<Record<string, unknown>>;

/**
 * The configured groups with what `PUT /scaling/config` changed. Fields are document 004's (`min_instances`, `cpu_threshold`, …) and a
 * group's own in snake case; those at the top are for the main group, `default` or the first, others stand in `groups` by `name`.
 */
export function applyOverride(config: ScalerConfig, override: unknown): Overridden {
  if (!isMapping(override)) return { kind: 'applied', groups: config.groups };
  const { groups: named, ...top } = override;
  const main = mainGroup(config.groups);
  const entries = Array.isArray(named) ? named.filter(isMapping) : [];
  const unknown = entries.flatMap((entry, i) =>
    config.groups.some(({ name }) => name === entry.name)
      ? []
      : [{ field: `groups[${i}].name`, message: `groups[${i}].name must be one of ${namesOf(config)}` }],
  );
  const results = config.groups.map((group) => {
    const index = entries.findIndex(({ name }) => name === group.name);
    const { name: _, ...own } = entries[index] ?? {};
    const sources: readonly Source[] = [
      ...(group === main ? [{ fields: top, prefix: '' }] : []),
      { fields: own, prefix: `groups[${index}].` },
    ];
    return overrideGroup(group, sources, signalNames(config.signals, group.name));
  });
  const problems = [...unknown, ...results.flatMap((each) => (each.kind === 'refused' ? each.problems : []))];
  if (problems.length > 0) return { kind: 'refused', problems };
  return { kind: 'applied', groups: results.flatMap((each) => (each.kind === 'group' ? each.group : [])) };
}

interface Source {
  readonly fields: Fields;
  readonly prefix: string;
}

type Problem = { readonly field: string; readonly message: string };

function overrideGroup(
  group: GroupConfig,
  sources: readonly Source[],
  signals: readonly string[],
):
  | { readonly kind: 'group'; readonly group: GroupConfig }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] } {
  let written: Record<string, unknown> = { ...group };
  /** How the sender called each key. */
  const sent = new Map<string, string>();
  const problems: Problem[] = [];
  let options = group.driverOptions;
  for (const { fields, prefix } of sources) {
    // A list of policies first: a threshold beside it is one more of them.
    const inOrder = Object.entries(fields).sort(
      ([a], [b]) => Number(b === 'policies') - Number(a === 'policies'),
    );
    for (const [field, value] of inOrder) {
      if (field.endsWith('_threshold') && !(typeof value === 'number' && value > 0 && value < 100)) {
        const message = `${prefix}${field} must be a number above 0 and below 100, got ${JSON.stringify(value)}`;
        problems.push({ field: `${prefix}${field}`, message });
        continue;
      }
      if (field === 'driver_options') {
        const faults = driverOptionFaults(value, group, `${prefix}${field}`);
        problems.push(...faults);
        if (faults.length === 0) options = { ...options, ...(value as DriverOptions) }; // a mapping, as it has no fault
        continue;
      }
      const change = changeOf(field, value, written);
      if (change === undefined) {
        const message = `${prefix}${field} is not a setting${didYouMean(nearestName(field, FIELDS))}`;
        problems.push({ field: `${prefix}${field}`, message });
        continue;
      }
      written = { ...written, ...change };
      for (const key of Object.keys(change)) sent.set(key, `${prefix}${field}`);
    }
  }
  if (problems.length > 0) return { kind: 'refused', problems };
  if (sent.size === 0) {
    const isSame = options === group.driverOptions;
    return { kind: 'group', group: isSame ? group : { ...group, driverOptions: options } };
  }
  // What was raised over `initial` is meant for a running group: where it began doesn't matter any more.
  if (!sent.has('initial')) written.initial = clamp(group.initial, written.min, written.max);
  const parsed = groupSchema.safeParse(written);
  const faults = parsed.success
    ? groupFaults(parsed.data.settings, written, signals)
    : faultsOf(parsed.error, written);
  if (faults.length > 0 || !parsed.success) {
    const found = faults.map((fault) => problemOf(fault, sent));
    const isFirst = ({ message }: Problem, i: number) =>
      found.findIndex((each) => each.message === message) === i;
    return { kind: 'refused', problems: found.filter(isFirst) };
  }
  return {
    kind: 'group',
    group: { ...parsed.data.settings, driver: group.driver, driverOptions: options },
  };
}

/** Only some options of some drivers can change: others decide what runs on which machine, and stay with who writes the file. */
function driverOptionFaults(value: unknown, { driver }: GroupConfig, field: string): readonly Problem[] {
  const changeable = changeableOptions(driver);
  if (!isMapping(value)) {
    const message = `${field} must be a mapping of options of the driver, got ${JSON.stringify(value)}`;
    return [{ field, message }];
  }
  return Object.keys(value)
    .filter((key) => !changeable.includes(key))
    .map((key) => {
      const what = changeable.length === 0 ? 'no option can' : `only ${changeable.join(', ')} can`;
      const message = `${field}.${key} is written into the file: of driver ${driver} ${what} be changed over the API`;
      return { field: `${field}.${key}`, message };
    });
}

/** Document 004's names of what a group calls otherwise. */
const DOCUMENT_KEYS: Readonly<Record<string, string>> = {
  min_instances: 'min',
  max_instances: 'max',
  initial_instances: 'initial',
};

/** Keys that a running group can change; its name, class and driver it can't. */
const GROUP_KEYS = [
  'enabled',
  'intervalSeconds',
  'policies',
  'combine',
  'stabilizationSeconds',
  'steepFall',
  'flapping',
  'cooldownSeconds',
  'velocity',
  'startup',
  'drainSeconds',
  'unhealthySeconds',
  'staleAfterSeconds',
  'chunksPerSecond',
  'pricePerHour',
] as const;

const FIELDS = [
  ...Object.keys(DOCUMENT_KEYS),
  'cpu_threshold',
  'memory_threshold',
  'scaling_cooldown',
  'driver_options',
  ...GROUP_KEYS.map(snakeCase),
];

function changeOf(field: string, value: unknown, written: Fields): Fields | undefined {
  const documentKey = DOCUMENT_KEYS[field];
  if (documentKey !== undefined) return { [documentKey]: value };
  if (field === 'scaling_cooldown') return { cooldownSeconds: { out: value, in: value } };
  const threshold = THRESHOLD_VARIABLES.find(({ variable }) => variable.toLowerCase() === field);
  if (threshold !== undefined) return { policies: withThreshold(threshold, value, written.policies) };
  const key = GROUP_KEYS.find((each) => snakeCase(each) === field);
  return key === undefined ? undefined : { [key]: camelCase(value) };
}

/** The policies with one on that signal changed: the one that `GET` shows, else document 004's. */
function withThreshold(
  { policy, signal }: (typeof THRESHOLD_VARIABLES)[number],
  value: unknown,
  written: unknown,
): readonly unknown[] {
  const policies = Array.isArray(written) ? written.filter(isMapping) : [];
  const known = policies.findIndex(
    (each) => each.signal === signal && (each.type === 'threshold' || each.type === 'target-tracking'),
  );
  const wanted = thresholdPolicy(policy, signal, String(value));
  const before = policies[known];
  if (before === undefined) return [...policies, wanted];
  const { above, below } = wanted;
  return policies.with(
    known,
    before.type === 'threshold' ? { ...before, above, below } : { ...before, target: above },
  );
}

function problemOf({ path: [key, ...rest], message }: Fault, sent: ReadonlyMap<string, string>): Problem {
  const documented = Object.entries(DOCUMENT_KEYS).find(([, name]) => name === key)?.[0];
  const own = sent.get(String(key)) ?? documented ?? snakeCase(String(key));
  const isDocument = /(_threshold|scaling_cooldown)$/.test(own);
  const tail = isDocument
    ? ''
    : rest.map((step) => (typeof step === 'number' ? `[${step}]` : `.${snakeCase(String(step))}`)).join('');
  return { field: `${own}${tail}`, message: `${own}${tail} ${message}` };
}

function clamp(count: number, min: unknown, max: unknown): number {
  const [least, most] = [Number(min), Number(max)];
  return Number.isNaN(least + most) ? count : Math.min(most, Math.max(least, count));
}

function namesOf({ groups }: ScalerConfig): string {
  return groups.map(({ name }) => name).join(', ');
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The same value with all names as a configuration file writes them. */
function camelCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelCase);
  if (!isMapping(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      camelCase(part),
    ]),
  );
}
