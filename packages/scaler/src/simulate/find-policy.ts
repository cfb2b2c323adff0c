import { defaultGroup, readPolicyFile } from '../config/read-policy-file.ts';
import { decidedController } from './decided-controller.ts';
import type { FindPolicy } from './policies-by-name.ts';

/** Finds `default`, and policies in files; `readFile` throws when there is none. */
export function policyFinder(readFile: (path: string) => string): FindPolicy {
  return (nameOrPath) => {
    if (nameOrPath === 'default') return decidedController('default', defaultGroup());
    let text: string;
    try {
      text = readFile(nameOrPath);
    } catch (error) {
      return { problem: `it is no policy's name and no file: ${(error as Error).message}` };
    }
    const file = readPolicyFile(text, nameOrPath);
    if (file.kind === 'broken') return { problem: file.problems.join('\n') };
    return decidedController(nameOrPath, file.settings);
  };
}
