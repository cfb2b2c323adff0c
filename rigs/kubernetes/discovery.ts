import { groupVersionOf, type Resource } from './resources.ts';

/** What the server says of itself, by path: `/version`, `/api`, `/apis` and the lists of each group; undefined for other paths. */
export function discover(path: string, resources: readonly Resource[]): unknown {
  const groups = [...new Set(resources.map(({ group }) => group))].filter((group) => group !== '');
  if (path === '/version') return { major: '1', minor: '32', gitVersion: 'v1.32.0-forebay-stand-in' };
  if (path === '/api') return { kind: 'APIVersions', versions: ['v1'] };
  if (path === '/apis') {
    return {
      kind: 'APIGroupList',
      apiVersion: 'v1',
      groups: groups.map((name) => apiGroup(name, resources)),
    };
  }
  const group = groups.find((name) => path === `/apis/${name}`);
  if (group !== undefined) return { kind: 'APIGroup', apiVersion: 'v1', ...apiGroup(group, resources) };
  const members = resources.filter((resource) => path === `/${prefixOf(resource)}`);
  const [first] = members;
  if (first === undefined) return undefined;
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: groupVersionOf(first),
    resources: members.flatMap(listed),
  };
}

/** Where objects of the kind are: `api/v1`, `apis/apps/v1`. */
export function prefixOf(resource: Resource): string {
  return `${resource.group === '' ? 'api' : 'apis'}/${groupVersionOf(resource)}`;
}

function apiGroup(name: string, resources: readonly Resource[]) {
  const version = resources.find(({ group }) => group === name)?.version ?? '';
  const preferredVersion = { groupVersion: `${name}/${version}`, version };
  return { name, versions: [preferredVersion], preferredVersion };
}

const VERBS = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];

function listed({ plural, kind, namespaced, shortNames, scale }: Resource): readonly unknown[] {
  const entry = {
    name: plural,
    singularName: kind.toLowerCase(),
    namespaced,
    kind,
    shortNames,
    verbs: VERBS,
  };
  if (!scale) return [entry];
  const scaled = { group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: ['get', 'patch', 'update'] };
  return [entry, { name: `${plural}/scale`, singularName: '', namespaced, ...scaled }];
}
