import type { ApiKey, ApiKeys } from './api-keys.ts';

/** Keys that can be replaced while requests come: a request is judged by those of the moment in which it came. */
export class LiveKeys implements ApiKeys {
  readonly kind = 'api-keys';
  #current: ApiKeys;

  constructor(keys: ApiKeys) {
    this.#current = keys;
  }

  get keys(): readonly ApiKey[] {
    return this.#current.keys;
  }

  find(presented: string): ApiKey | undefined {
    return this.#current.find(presented);
  }

  replace(keys: ApiKeys): void {
    this.#current = keys;
  }
}
