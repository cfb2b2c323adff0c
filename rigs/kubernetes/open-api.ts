import { prefixOf } from './discovery.ts';
import type { Resource } from './resources.ts';

/**
 * As much of `/openapi/v3` as makes kubectl leave the checks of fields to the server (which makes none): that patches take `fieldValidation`.
 * Undefined for other paths.
 */
export function openApi(path: string, resources: readonly Resource[]): unknown {
  const prefixes = [...new Set(resources.map(prefixOf))];
  if (path === '/openapi/v3') {
    return {
      paths: Object.fromEntries(
        prefixes.map((prefix) => [prefix, { serverRelativeURL: `/openapi/v3/${prefix}` }]),
      ),
    };
  }
  const prefix = prefixes.find((each) => path === `/openapi/v3/${each}`);
  if (prefix === undefined) return undefined;
  const paths = resources
    .filter((resource) => prefixOf(resource) === prefix)
    .map(({ group, version, kind, plural }) => [
      `/${prefix}/${plural}/{name}`,
      {
        patch: {
          parameters: [{ name: 'fieldValidation', in: 'query', schema: { type: 'string' } }],
          responses: {},
          'x-kubernetes-action': 'patch',
          'x-kubernetes-group-version-kind': { group, version, kind },
        },
      },
    ]);
  const info = { title: 'stand-in', version: 'v1' };
  return { openapi: '3.0.0', info, paths: Object.fromEntries(paths), components: { schemas: {} } };
}
