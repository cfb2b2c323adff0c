import type { Hit, Rule } from '../finding.ts';
import { at, mapping } from '../values.ts';

/** A template. */
export interface CloudFormationSubject {
  readonly template: unknown;
}

/** A rule over templates. */
export type CloudFormationRule = Rule<CloudFormationSubject>;

/** One resource of a template. */
export interface Resource {
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** The resources of a type. */
export function resourcesOf({ template }: CloudFormationSubject, type: string): Resource[] {
  return Object.entries(mapping(at(template, 'Resources')))
    .filter(([, resource]) => at(resource, 'Type') === type)
    .map(([name, resource]) => ({ name, properties: mapping(at(resource, 'Properties')) }));
}

/** A finding at a property of a resource. */
export function inResource(
  { name }: Resource,
  path: readonly PropertyKey[],
  why: string,
  instead: string,
): Hit {
  return { path: ['Resources', name, 'Properties', ...path], why, instead };
}

/** The name of the resource that a `Ref` or the first part of an `Fn::GetAtt` means, in each way of writing it. */
export function referenced(value: unknown): string {
  const got = at(value, 'Fn::GetAtt');
  const name = at(value, 'Ref') ?? (Array.isArray(got) ? got[0] : got) ?? value;
  return String(Array.isArray(name) ? name[0] : name).split('.')[0] ?? '';
}
