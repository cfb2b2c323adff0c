import { expect, it } from 'vitest';
import { checkRoute } from './check-route.ts';
import { toRoute } from './route.ts';

it.each([
  ['/nowhere', 'GET', 'BACKEND_UNKNOWN_ROUTE'],
  ['/predictions/all-MiniLM-L6-v2', 'GET', 'BACKEND_METHOD_NOT_ALLOWED'],
  ['/models/all-MiniLM-L6-v2', 'DELETE', 'BACKEND_METHOD_NOT_ALLOWED'],
  ['/ping', 'POST', 'BACKEND_METHOD_NOT_ALLOWED'],
  ['/predictions/other', 'POST', 'BACKEND_UNKNOWN_MODEL'],
  ['/models/other', 'GET', 'BACKEND_UNKNOWN_MODEL'],
  ['/predictions/all-MiniLM-L6-v2/9', 'POST', 'BACKEND_UNKNOWN_MODEL'],
])('refuses %s by %s with %s', (target, method, code) => {
  const check: typeof checkRoute = checkRoute;
  expect(() => check(toRoute(target), method, () => undefined)).toThrow(expect.objectContaining({ code }));
});

it.each([
  ['/predictions/all-MiniLM-L6-v2/0.0.1', 'POST'],
  ['/invocations', 'POST'],
  ['/ping', 'HEAD'],
  ['/models/all-MiniLM-L6-v2', 'GET'],
])('lets %s by %s through', (target, method) => {
  const check: typeof checkRoute = checkRoute;
  expect(() => check(toRoute(target), method, () => undefined)).not.toThrow();
});
