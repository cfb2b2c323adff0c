import type { z } from 'zod';
import { maskUrlSecrets } from './mask-secrets.ts';

/** A fault of a value at a path. */
export interface Fault {
  readonly path: readonly PropertyKey[];
  /** Follows the name: `must be an integer from 0 to 65535`. */
  readonly message: string;
}

/** Nothing at or below these is shown. `env`: of a driver's processes. */
const SECRETS: readonly PropertyKey[] = ['forebayAdminKey', 'backendsToken', 'hostsToken', 'env'];

/** What a schema refused in `value`, with what stood there. */
export function faultsOf(error: { readonly issues: readonly z.core.$ZodIssue[] }, value: unknown): Fault[] {
  return error.issues.flatMap((issue): Fault[] => {
    if (issue.code === 'unrecognized_keys') {
      const lines = issue.message.split('\n');
      return issue.keys.map((key, i) => ({ path: [...issue.path, key], message: lines[i] ?? '' }));
    }
    // A union without words of its own: the branch that came furthest was meant.
    if (issue.code === 'invalid_union' && issue.message === '') {
      const issues = furthest(issue.errors).map((each) => ({ ...each, path: [...issue.path, ...each.path] }));
      return faultsOf({ issues }, value);
    }
    const found = valueAt(value, issue.path);
    if (issue.code === 'invalid_key') return [{ path: issue.path, message: issue.issues[0]?.message ?? '' }];
    const secret = issue.path.some((step) => SECRETS.includes(step));
    const got = found === undefined ? 'nothing' : shown(found, secret);
    return [{ path: issue.path, message: `${issue.message}, got ${got}` }];
  });
}

function furthest(branches: readonly (readonly z.core.$ZodIssue[])[]): readonly z.core.$ZodIssue[] {
  const depth = (issues: readonly z.core.$ZodIssue[]) =>
    Math.max(...issues.map(({ path, code }) => path.length + Number(code === 'unrecognized_keys')));
  return branches.reduce((best, branch) => (depth(branch) > depth(best) ? branch : best));
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let found = value;
  for (const step of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step)) return undefined;
    // `as` holds: `found` is an object that has `step`.
    found = (found as Record<PropertyKey, unknown>)[step];
  }
  return found;
}

function shown(value: unknown, secret: boolean): string {
  if (secret) return '****';
  const json = maskUrlSecrets(
    typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value)),
  );
  return json.length > 120 ? `${json.slice(0, 117)}...` : json;
}
