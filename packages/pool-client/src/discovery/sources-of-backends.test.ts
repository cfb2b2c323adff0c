import { ManualClock } from '@forebay/testing';
import { expect, it } from 'vitest';
import { parseAllowedBackends } from './address-policy.ts';
import { parseBackendList } from './parse-backend-url.ts';
import { sourcesOfBackends } from './sources-of-backends.ts';
import { FakeNetwork } from './watched-source.test-support.ts';

it('makes one source of all that is set and one of each name', () => {
  const targets = parseBackendList(
    'http://a:1,dns+http://b:1;model=m,http://c:1/predictions/m,dns+http://b:2',
  );
  const names = (texts: typeof targets) => {
    const dependencies = { clock: new ManualClock(), transportFactory: new FakeNetwork().factory };
    const sources = sourcesOfBackends(texts, { ...dependencies, policy: parseAllowedBackends() });
    return sources.map((source) => source.name);
  };
  expect(names(targets)).toEqual(['static', 'dns+http://b:1/;model=m', 'dns+http://b:2/']);
  expect(names([])).toEqual([]);
});
