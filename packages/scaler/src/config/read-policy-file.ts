import type { GroupSettings } from '../values/group-settings.ts';
import { groupSchema } from './group-schema.ts';
import { loadConfig } from './load-config.ts';
import { mainGroup } from './main-group.ts';

/** A group out of a file, or what is wrong with the file. */
export type PolicyFile =
  | {
      readonly kind: 'group';
      readonly settings: GroupSettings /** Groups of the file that are left out. */;
      readonly others: readonly string[];
    }
  | { readonly kind: 'broken'; readonly problem: string };

/** How a group is scaled where nobody says otherwise. */
export function defaultGroup(): GroupSettings {
  return groupSchema.parse({}).settings;
}

/** The group of a configuration file that `simulate` replays: `default`, else the first. */
export function readPolicyFile(text: string, fileName: string): PolicyFile {
  // Where it would keep its state doesn't matter here.
  const loaded = loadConfig({ env: { HOME: '/' }, argv: ['--config', fileName], readFile: () => text });
  if (loaded.kind === 'config-error') return { kind: 'broken', problem: loaded.message };
  const { groups } = loaded.config;
  const settings = mainGroup(groups);
  return settings === undefined
    ? { kind: 'broken', problem: `${fileName} has no group` }
    : { kind: 'group', settings, others: groups.filter((each) => each !== settings).map(({ name }) => name) };
}
