import type { GroupSettings } from '../values/group-settings.ts';
import { groupFaults } from './group-rules.ts';
import { groupSchema } from './group-schema.ts';
import { loadConfig } from './load-config.ts';
import { isMapping } from './overlay.ts';
import { faultsOf } from './problems.ts';
import { readYaml } from './read-yaml.ts';

/** A group out of a file, or all that is wrong with it. */
export type PolicyFile =
  | { readonly kind: 'group'; readonly settings: GroupSettings }
  | { readonly kind: 'broken'; readonly problems: readonly string[] };

/** How a group is scaled where nobody says otherwise. */
export function defaultGroup(): GroupSettings {
  return groupSchema.parse({}).settings;
}

/** Reads one group: of a configuration file its group `default`, else its first; or a file that has nothing but a group's own settings. */
export function readPolicyFile(text: string, fileName: string): PolicyFile {
  const yaml = readYaml(text, fileName);
  if (yaml.kind === 'broken') return yaml;
  const value = yaml.value ?? {};
  if (
    isMapping(value) &&
    !('groups' in value) &&
    ('policies' in value || groupSchema.safeParse(value).success)
  ) {
    const parsed = groupSchema.safeParse(value);
    const faults = parsed.success
      ? groupFaults(parsed.data.settings, value, [])
      : faultsOf(parsed.error, value);
    if (parsed.success && faults.length === 0) return { kind: 'group', settings: parsed.data.settings };
    const problems = faults.map(
      ({ path, message }) => `${fileName}:${yaml.lineOf(path)} ${path.join('.')} ${message}`,
    );
    return { kind: 'broken', problems };
  }
  // Where it would keep its state doesn't matter here.
  const loaded = loadConfig({ env: { HOME: '/' }, argv: ['--config', fileName], readFile: () => text });
  if (loaded.kind === 'config-error') return { kind: 'broken', problems: [loaded.message] };
  const { groups } = loaded.config;
  const settings = groups.find(({ name }) => name === 'default') ?? groups[0];
  return settings === undefined
    ? { kind: 'broken', problems: [`${fileName} has no group`] }
    : { kind: 'group', settings };
}
