import { LocalBackendError } from '../errors.ts';
import { MODEL_NAME, MODEL_VERSION } from '../model/model-files.ts';
import { METHODS, type Route } from './route.ts';

/** A route that there is. */
export type KnownRoute = Exclude<Route, { kind: 'unknown' }>;

/**
 * Throws `BACKEND_UNKNOWN_ROUTE`, `BACKEND_METHOD_NOT_ALLOWED` (after `onAllowed` was told what is allowed) or
 * `BACKEND_UNKNOWN_MODEL`.
 */
export function checkRoute(
  route: Route,
  method: string,
  onAllowed: (methods: string) => void,
): asserts route is KnownRoute {
  if (route.kind === 'unknown') {
    throw new LocalBackendError('BACKEND_UNKNOWN_ROUTE', `Requested resource is not found: ${route.path}`);
  }
  if (!METHODS[route.kind].includes(method)) {
    const allowed = METHODS[route.kind].join(', ');
    onAllowed(allowed);
    throw new LocalBackendError(
      'BACKEND_METHOD_NOT_ALLOWED',
      `${method} is not allowed here, use ${allowed}`,
    );
  }
  if (!('model' in route) || route.model === undefined) return;
  if (route.model !== MODEL_NAME) {
    const message = `Model not found: ${route.model}; there is ${MODEL_NAME}`;
    throw new LocalBackendError('BACKEND_UNKNOWN_MODEL', message);
  }
  if ('version' in route && route.version !== undefined && route.version !== MODEL_VERSION) {
    const message = `Model not found: ${MODEL_NAME} version ${route.version}; there is ${MODEL_VERSION}`;
    throw new LocalBackendError('BACKEND_UNKNOWN_MODEL', message);
  }
}
