import type { Leaving } from '../../values/replica.ts';
import type { Node } from './api-objects.ts';

/** Taints of those who take nodes away, with what they mean to an operator. */
const TAINTS: Readonly<Record<string, string>> = {
  ToBeDeletedByClusterAutoscaler: 'the cluster autoscaler takes its node away',
  'karpenter.sh/disrupted': 'Karpenter takes its node away',
  'karpenter.sh/disruption': 'Karpenter takes its node away',
  'aws-node-termination-handler/spot-itn': 'spot interruption of its node',
  'aws-node-termination-handler/scheduled-maintenance': 'scheduled maintenance of its node',
  'aws-node-termination-handler/rebalance-recommendation': 'rebalance recommendation for its node',
  'aws-node-termination-handler/asg-lifecycle-termination': 'its Auto Scaling group ends its node',
  'cloud.google.com/impending-node-termination': 'its node is about to be terminated',
  'node.kubernetes.io/out-of-service': 'its node is out of service',
};

/** Whether a node is being emptied; its pods go with it. */
export function nodeLeaving({ metadata, spec }: Node): Leaving | undefined {
  for (const { key } of spec.taints) {
    const because = TAINTS[key];
    if (because !== undefined) return { because: `${because} (${metadata.name})` };
  }
  if (spec.unschedulable === true) return { because: `its node is cordoned (${metadata.name})` };
  return undefined;
}
