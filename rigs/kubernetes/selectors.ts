import { ApiStatus } from './api-status.ts';
import type { KubeObject } from './kube-object.ts';

type Test = (object: KubeObject) => boolean;

/** `a=b,c!=d,e in (x,y),f notin (z),g,!h`; an empty text takes all. */
export function labelSelector(text: string): Test {
  const tests = split(text).map((term): Test => {
    const set = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(term);
    if (set) {
      const [, key = '', operator, list = ''] = set;
      const values = list.split(',').map((value) => value.trim());
      return (object) => values.includes(labelOf(object, key) ?? '') === (operator === 'in');
    }
    const equal = /^([^=!\s]+)\s*(==|=|!=)\s*(\S*)$/.exec(term);
    if (equal) {
      const [, key = '', operator, value] = equal;
      return (object) => (labelOf(object, key) === value) === (operator !== '!=');
    }
    const exists = /^(!?)([^=!\s]+)$/.exec(term);
    if (!exists) throw new ApiStatus(400, 'BadRequest', `unable to parse requirement: ${term}`);
    const [, not, key = ''] = exists;
    return (object) => (labelOf(object, key) === undefined) === (not === '!');
  });
  return (object) => tests.every((test) => test(object));
}

/** `metadata.name=a,status.phase!=Running`: any field by its path, where Kubernetes knows a few. */
export function fieldSelector(text: string): Test {
  const tests = split(text).map((term): Test => {
    const [, path = '', operator, value = ''] = /^([^=!]+)(==|=|!=)(.*)$/.exec(term) ?? [];
    return (object) => (fieldOf(object, path) === value) === (operator !== '!=');
  });
  return (object) => tests.every((test) => test(object));
}

/** The selector of a workload as text, as its `/scale` shows it. */
export function selectorText(labels: Readonly<Record<string, string>> = {}): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

function labelOf({ metadata }: KubeObject, key: string): string | undefined {
  return metadata.labels?.[key];
}

function fieldOf(object: KubeObject, path: string): string {
  let value: unknown = object;
  for (const key of path.split('.')) value = (value as Record<string, unknown> | undefined)?.[key]; // only read
  return String(value ?? '');
}

/** At commas outside brackets. */
function split(text: string): readonly string[] {
  return text
    .split(/,(?![^(]*\))/)
    .map((term) => term.trim())
    .filter((term) => term !== '');
}
