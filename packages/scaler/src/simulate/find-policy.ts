import { defaultGroup, readPolicyFile } from '../config/read-policy-file.ts';
import { decidedController } from './decided-controller.ts';
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
    return decidedController(nameOrPath, file.settings);
  };
}
