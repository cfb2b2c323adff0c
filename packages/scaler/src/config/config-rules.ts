import { configuredSignals, signalNames } from './configured-signals.ts';
import { GROUP_VARIABLES, VARIABLES } from './environment.ts';
import { didYouMean } from './fields.ts';
import type { ParsedFile } from './file-schema.ts';
import { groupFaults, unknownSignal } from './group-rules.ts';
import { isLoopback } from './is-loopback.ts';
import { nearestName } from './nearest-name.ts';
import { isMapping } from './overlay.ts';
import type { Fault } from './problems.ts';

/** What no setting of the file can decide alone. `written` is the file, with the environment over it, before defaults. */
export function fileFaults(file: ParsedFile, written: unknown): Fault[] {
  const groups = isMapping(written) && Array.isArray(written.groups) ? written.groups : [];
  return [
    ...file.groups.flatMap(({ settings }, i) =>
      groupFaults(settings, groups[i], signalNames(file.signals, settings.name)).map(({ path, message }) => ({
        path: ['groups', i, ...path],
        message,
      })),
    ),
    ...doubles(
      file.groups.map(({ settings }) => settings.name),
      'groups',
    ),
    ...doubles(
      file.alarms.map(({ name }) => name),
      'alarms',
    ),
    ...signalFaults(file),
    ...alarmFaults(file),
    ...accessFaults(file),
    ...tokenFaults(file),
  ];
}

/** A warning for each variable that has our prefix and isn't a setting: probably misspelt, and it doesn't stop the start. */
export function unknownVariables(env: Readonly<Record<string, string | undefined>>): string[] {
  return Object.keys(env)
    .filter((name) => name.startsWith('SCALER_') && !KNOWN.includes(name) && !SERVICE_LINK.test(name))
    .map((name) => `${name} is not a setting${didYouMean(nearestName(name, KNOWN))}`);
}

const KNOWN = [...VARIABLES, ...GROUP_VARIABLES]
  .flatMap(({ names }) => names)
  .filter((name) => name.startsWith('SCAL'));
/** What Kubernetes sets in every pod beside a Service named `scaler…`. */
const SERVICE_LINK = /^SCALER_(?:[A-Z0-9_]+_)?(?:SERVICE_HOST|SERVICE_PORT|PORT)(?:_|$)/;

function doubles(names: readonly string[], list: string): Fault[] {
  return names.flatMap((name, i) =>
    names.indexOf(name) === i
      ? []
      : [{ path: [list, i, 'name'], message: `must differ from those before it, got ${name} again` }],
  );
}

/** Of several signals of one name each is for a group of its own, one perhaps for the rest. */
function signalFaults({ signals, groups }: ParsedFile): Fault[] {
  const all = configuredSignals(signals);
  return all.flatMap(({ name, path, signal }, i): Fault[] => {
    const { group } = signal;
    const isDouble = all.slice(0, i).some((other) => other.name === name && other.signal.group === group);
    if (isDouble && group === undefined)
      return [{ path, message: `must name a group, since another ${name} is for every group already` }];
    if (isDouble) {
      const message = `must differ from those of ${name} before it, got ${group} again`;
      return [{ path: [...path, 'group'], message }];
    }
    const unknown = group === undefined ? undefined : unknownGroup(group, groups);
    return unknown === undefined ? [] : [{ path: [...path, 'group'], message: unknown }];
  });
}

function unknownGroup(group: string, groups: ParsedFile['groups']): string | undefined {
  const names = groups.map(({ settings }) => settings.name);
  if (names.includes(group)) return undefined;
  const meant = didYouMean(nearestName(group, names));
  return `must be a group, got ${group}${meant || `; there are ${names.join(', ')}`}`;
}

function alarmFaults(file: ParsedFile): Fault[] {
  const groups = file.groups.map(({ settings }) => settings.name);
  return file.alarms.flatMap(({ signal, group }, i): Fault[] => {
    // An alarm of every group is about those that have the signal.
    const known = (group === undefined ? groups : [group]).flatMap((each) => signalNames(file.signals, each));
    const unknown = unknownSignal(signal, known);
    const faults: Fault[] =
      unknown === undefined ? [] : [{ path: ['alarms', i, 'signal'], message: unknown }];
    const message = group === undefined ? undefined : unknownGroup(group, file.groups);
    return message === undefined ? faults : [...faults, { path: ['alarms', i, 'group'], message }];
  });
}

/** Every host has its token; none of them is to hold the key to everything. */
function tokenFaults({ forebayAdminKey, hostsToken }: ParsedFile): Fault[] {
  if (hostsToken === undefined || hostsToken !== forebayAdminKey) return [];
  return [{ path: ['hostsToken'], message: 'must differ from forebayAdminKey, which opens everything' }];
}

/** Writes are never open beyond loopback; the list of backends that others poll is guarded by the same key, or its token. */
function accessFaults({ host, forebayAdminKey }: ParsedFile): Fault[] {
  if (isLoopback(host) || forebayAdminKey !== undefined) return [];
  const message = `is ${host}, which others can reach: set FOREBAY_ADMIN_KEY (and BACKENDS_TOKEN for gateways, which opens GET /v1/backends alone)`;
  return [{ path: ['host'], message }];
}
