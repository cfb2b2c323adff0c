import type { RequestFacts } from './dialect.ts';

/** The first of `names` that is a string with something in it; `undefined` when none is. */
export function firstName(...names: readonly unknown[]): string | undefined {
  // `as` holds: the predicate lets only strings through.
  return names.find((name) => typeof name === 'string' && name !== '') as string | undefined;
}

/** The model of a request whose body doesn't name it: route, then query, then header `model_name`. */
export function readModel(request: RequestFacts): string | undefined {
  return firstName(request.pathModel, request.query.model_name, request.headers.model_name);
}
