import type { EngineNode, EngineTask } from './engine-values.ts';

/** A running task in slot 1 of node n1, on an overlay network. */
export function taskOf(task: Partial<EngineTask> = {}): EngineTask {
  return {
    ID: 't1',
    CreatedAt: '2027-01-15T08:00:00.123456789Z',
    Slot: 1,
    NodeID: 'n1',
    DesiredState: 'running',
    Status: { State: 'running' },
    Spec: {},
    NetworksAttachments: [{ Network: { Spec: { Name: 'embed_default' } }, Addresses: ['10.0.1.7/24'] }],
    ...task,
  };
}

/** Node n1, which is ready. */
export function nodeOf(node: Partial<EngineNode> = {}): EngineNode {
  return {
    ID: 'n1',
    Spec: { Availability: 'active' },
    Description: { Hostname: 'host-n1' },
    Status: { State: 'ready', Addr: '192.0.2.1' },
    ...node,
  };
}
