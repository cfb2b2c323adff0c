import { expect, it } from 'vitest';
import type { Condition, Pod } from './kube-object.ts';
import { DELETION_COST, scaleInOrder } from './scale-in-order.ts';

interface Parts {
  readonly nodeName?: string | undefined;
  readonly phase?: string;
  readonly ready?: string | undefined;
  readonly cost?: number;
  readonly created?: string;
}

function pod(name: string, parts: Parts = {}): Pod {
  const { phase = 'Running', cost, created = '00:00' } = parts;
  const nodeName = 'nodeName' in parts ? parts.nodeName : 'node';
  const since = 'ready' in parts ? parts.ready : '00:01';
  const ready: Condition = {
    type: 'Ready',
    status: since === undefined ? 'False' : 'True',
    lastTransitionTime: `2026-01-01T${since ?? '00:01'}:00Z`,
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      creationTimestamp: `2026-01-01T${created}:00Z`,
      ...(cost !== undefined && { annotations: { [DELETION_COST]: String(cost) } }),
    },
    spec: nodeName === undefined ? {} : { nodeName },
    status: { phase, conditions: [ready] },
  };
}

it('ends unassigned pods first, then pending, unknown and unready ones, then by cost, then those that were ready last, then the newest', () => {
  const expected = [
    pod('unassigned', { nodeName: undefined, phase: 'Pending', ready: undefined, cost: 100 }),
    pod('pending', { phase: 'Pending', ready: undefined, cost: 100 }),
    pod('unknown', { phase: 'Unknown', ready: undefined, cost: 100 }),
    pod('unready', { ready: undefined, cost: 100 }),
    pod('cheap', { cost: -5 }),
    pod('ready-last', { ready: '00:09' }),
    pod('newest', { created: '00:08' }),
    pod('oldest'),
    pod('dear', { cost: 5 }),
  ];
  const names = (pods: readonly Pod[]) => pods.map(({ metadata }) => metadata.name);
  expect(names(scaleInOrder(expected.toReversed()))).toEqual(names(expected));
});
