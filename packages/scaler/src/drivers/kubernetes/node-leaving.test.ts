import { describe, expect, it } from 'vitest';
import { node } from './api-schemas.ts';
import { nodeLeaving } from './node-leaving.ts';

const nodeOf = (spec: object) => nodeLeaving(node.parse({ metadata: { name: 'a' }, spec }));
const taint = (key: string) => ({ taints: [{ key, effect: 'NoSchedule' }] });

describe('nodeLeaving', () => {
  it.each([
    ['runs', {}, undefined],
    ['has a taint for its kind', taint('nvidia.com/gpu'), undefined],
    ['is cordoned', { unschedulable: true }, 'its node is cordoned (a)'],
    [
      'is scaled away',
      taint('ToBeDeletedByClusterAutoscaler'),
      'the cluster autoscaler takes its node away (a)',
    ],
    [
      'is a spot machine with notice, cordoned',
      { unschedulable: true, ...taint('aws-node-termination-handler/spot-itn') },
      'spot interruption of its node (a)',
    ],
  ])('of a node that %s', (_, spec, because) => {
    expect(nodeOf(spec)).toEqual(because && { because });
  });
});
