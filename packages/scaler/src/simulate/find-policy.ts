import { defaultGroup, type PolicyFile, readPolicyFile } from '../config/read-policy-file.ts';
import { decidedController, SIMULATED_SIGNALS } from './decided-controller.ts';
import { type FindPolicy, POLICY_NAMES } from './policies-by-name.ts';

/** Finds `default`, and policies in files; `readFile` throws when there is none. */
export function policyFinder(readFile: (path: string) => string): FindPolicy {
  return (nameOrPath) => {
    if (nameOrPath === 'default') return decidedController('default', defaultGroup());
    let text: string;
    try {
      text = readFile(nameOrPath);
    } catch (error) {
      return {
        problem: `it is no file (${(error as Error).message}), and by name there are ${POLICY_NAMES}`,
      };
    }
    const file = readPolicyFile(text, nameOrPath);
    if (file.kind === 'broken') return { problem: file.problem };
    return { ...decidedController(nameOrPath, file.settings), notes: notesOn(file) };
  };
}

/** What of a file is not simulated, or can't be. */
function notesOn({ settings, others }: Extract<PolicyFile, { kind: 'group' }>): readonly string[] {
  const unknown = settings.policies.flatMap((policy) =>
    'signal' in policy && !SIMULATED_SIGNALS.includes(policy.signal)
      ? [`policy ${policy.name} abstains all the time: the simulator has no ${policy.signal}`]
      : [],
  );
  return [
    `group ${settings.name}; min, initial, max and price are the command line's`,
    ...(others.length > 0 ? [`left out: group(s) ${others.join(', ')}`] : []),
    ...unknown,
  ];
}
