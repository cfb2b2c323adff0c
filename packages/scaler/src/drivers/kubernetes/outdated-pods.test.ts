import { expect, it } from 'vitest';
import type { Pod } from './api-objects.ts';
import { replicaSet } from './api-schemas.ts';
import { outdatedPods, surgedPods } from './outdated-pods.ts';
import { pod, unready } from './pod.test-support.ts';
import { FIRST_TO_GO } from './removal-steps.ts';

const setOf = (uid: string, revision?: string) =>
  replicaSet.parse({
    metadata: {
      name: uid,
      uid,
      ...(revision !== undefined && { annotations: { 'deployment.kubernetes.io/revision': revision } }),
    },
  });
const namesOf = (pods: Iterable<Pod>) => [...pods].map(({ metadata }) => metadata.name);
const old = (name: string, parts: Parameters<typeof pod>[0] = {}) => pod({ name, owner: 'old', ...parts });
const a = old('a');
const b = old('b', { createdAt: '2025-12-31T00:00:00Z' });
const starting = old('s', { status: { conditions: [unready('2026-01-01T00:00:00Z')] } });
const n = pod({ name: 'n', owner: 'new' });

it('finds pods of older revisions, by number', () => {
  expect(namesOf(outdatedPods([a, n], [setOf('old', '9'), setOf('new', '10')]))).toEqual(['a']);
});

it('finds none where nothing says which ReplicaSet is newer', () => {
  expect(outdatedPods([a, n], [setOf('old'), setOf('new')])).toEqual([]);
  expect(outdatedPods([a], [])).toEqual([]);
});

it('takes those beyond the count that do not serve, then the oldest', () => {
  expect(namesOf(surgedPods([a, b, n], [a, b], 3))).toEqual([]);
  expect(namesOf(surgedPods([a, b, n], [a, b], 2))).toEqual(['b']);
  expect(namesOf(surgedPods([a, b, starting, n], [a, b, starting], 2))).toEqual(['s', 'b']);
  expect(namesOf(surgedPods([a, b, n], [a, b], 0))).toEqual(['b', 'a']);
});

it('takes those that are to go anyway before others that serve', () => {
  const marked = old('m', { cost: FIRST_TO_GO });
  expect(namesOf(surgedPods([a, b, marked, n], [a, b, marked], 3))).toEqual(['m']);
});

it('counts none that is ending already', () => {
  const ending = old('e', { deleted: true });
  expect(namesOf(surgedPods([ending, b, n], [ending, b], 2))).toEqual([]);
});
