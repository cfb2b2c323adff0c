import { expect, it } from 'vitest';
import { replicaSet } from './api-schemas.ts';
import { needsReplicaSets, ownedPods } from './owned-pods.ts';
import { pod } from './pod.test-support.ts';

const setOf = (uid: string, owner: string) =>
  replicaSet.parse({
    metadata: {
      name: uid,
      uid,
      ownerReferences: [{ kind: 'Deployment', name: 'd', uid: owner, controller: true }],
    },
  });

it('finds pods of the target itself and of its ReplicaSets, of whatever template', () => {
  const direct = pod({ name: 'direct', owner: 'target' });
  const current = pod({ name: 'current', owner: 'set-1' });
  const old = pod({ name: 'old', owner: 'set-2' });
  const other = pod({ name: 'other', owner: 'set-3' });
  const sets = [setOf('set-1', 'target'), setOf('set-2', 'target'), setOf('set-3', 'another')];
  expect(ownedPods([direct, current, old, other], sets, 'target')).toEqual([direct, current, old]);
});

it('needs ReplicaSets only for pods of one that is not the target', () => {
  expect(needsReplicaSets([pod({ owner: 'target' })], 'target')).toBe(false);
  expect(needsReplicaSets([pod({ owner: 'x', ownerKind: 'StatefulSet' })], 'target')).toBe(false);
  expect(needsReplicaSets([pod({ owner: 'set-1' })], 'target')).toBe(true);
});
