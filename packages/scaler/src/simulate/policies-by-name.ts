import type { NamedController } from './controller.ts';
import { awsTargetTracking } from './references/aws-target-tracking.ts';
import { fixed } from './references/fixed.ts';
import { hpa } from './references/hpa.ts';
import { hpa002 } from './references/hpa-002.ts';
import { knative } from './references/knative.ts';

/** Why no policy goes by a name. */
export interface PolicyProblem {
  readonly problem: string;
}

/** Finds the policy `default` and policies in files; the references need none. */
export type FindPolicy = (nameOrPath: string) => NamedController | PolicyProblem;

/** A policy by what `--policy` says: a reference, a fixed count, or what `find` makes of it. */
export function policyByName(nameOrPath: string, find: FindPolicy): NamedController | PolicyProblem {
  const reference = REFERENCES.get(nameOrPath);
  if (reference !== undefined) return reference;
  const count = fixedCountOf(nameOrPath);
  if (count !== undefined) return fixed(count);
  if (nameOrPath.startsWith('fixed:'))
    return { problem: `fixed:N needs a whole number N from 0, got "${nameOrPath.slice('fixed:'.length)}"` };
  return find(nameOrPath);
}

/** The count that `fixed:N` keeps from second 0, so that the run begins with it; undefined for any other policy. */
export function fixedCountOf(name: string): number | undefined {
  const digits = /^fixed:(\d{1,6})$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

const REFERENCES: ReadonlyMap<string, NamedController> = new Map(
  [hpa, hpa002, awsTargetTracking, knative].map((policy) => [policy.name, policy]),
);

/** What `--policy` takes beside a path. */
export const POLICY_NAMES: string = ['default', ...REFERENCES.keys(), 'fixed:N'].join(', ');
