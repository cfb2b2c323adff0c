import { describe, expect, it } from 'vitest';
import { isCounted, observedPod } from './observed-pod.ts';
import { pod, running, unready, waiting } from './pod.test-support.ts';

const WHERE = { port: 8080, path: '/predictions/m' };
/** A minute after the pods of these tests were made. */
const NOW_MS = Date.parse('2026-01-01T00:01:00Z');
const LATER_MS = NOW_MS + 300_000;

const stateOf = (status: Readonly<Record<string, unknown>>, nowMs = NOW_MS) => {
  const { state, note } = observedPod(pod({ status }), WHERE, nowMs) ?? {};
  return { state, ...(note !== undefined && { note }) };
};
const neverReady = [unready('2026-01-01T00:00:01Z')];

describe('observedPod', () => {
  it('shows all that is known of a ready pod', () => {
    expect(observedPod(pod({ nodeName: 'node-a' }), WHERE, NOW_MS)).toEqual({
      id: 'djl-abc12',
      state: 'ready',
      url: 'http://10.1.2.3:8080/predictions/m',
      machine: 'node-a',
      launchedAtMs: Date.parse('2026-01-01T00:00:00Z'),
    });
  });

  it.each([
    ['not scheduled yet', { phase: 'Pending', podIP: undefined, conditions: [] }, 'starting'],
    ['running and never ready', { conditions: neverReady }, 'starting'],
    ['running in the same second', { conditions: [unready('2026-01-01T00:00:05Z')] }, 'starting'],
    [
      'restarted since it was unready',
      {
        conditions: [unready('2026-01-01T00:00:30Z')],
        containerStatuses: [running('2026-01-01T00:00:31Z', 1)],
      },
      'starting',
    ],
  ])('says of one that is %s that it starts', (_, status, state) => {
    expect(stateOf({ ...status })).toEqual({ state });
  });

  it('says of one that became unready while its containers ran on that it is unhealthy', () => {
    const note = 'it is not ready any more: ContainersNotReady';
    expect(stateOf({ conditions: [unready('2026-01-01T00:00:30Z')] })).toEqual({ state: 'unhealthy', note });
  });

  it.each([
    ['CrashLoopBackOff', 2, NOW_MS, 'starting', 'container djl: CrashLoopBackOff after 2 restarts'],
    ['CrashLoopBackOff', 3, NOW_MS, 'failed', 'container djl: CrashLoopBackOff after 3 restarts'],
    ['ImagePullBackOff', 0, NOW_MS, 'starting', 'container djl: ImagePullBackOff'],
    ['ImagePullBackOff', 0, LATER_MS, 'failed', 'container djl: ImagePullBackOff'],
    ['CreateContainerConfigError', 0, LATER_MS, 'failed', 'container djl: CreateContainerConfigError'],
    ['InvalidImageName', 0, NOW_MS, 'starting', 'container djl: InvalidImageName'],
  ])('calls %s after %i restarts at %i %s', (reason, restarts, nowMs, state, note) => {
    const status = { conditions: neverReady, containerStatuses: [waiting(reason, restarts)] };
    expect(stateOf(status, nowMs)).toEqual({ state, note });
  });

  it('heeds the containers that go before', () => {
    const status = { conditions: neverReady, initContainerStatuses: [waiting('CrashLoopBackOff', 5)] };
    expect(stateOf(status).state).toBe('failed');
  });

  it('lets containers that are merely being made start', () => {
    const status = { conditions: neverReady, containerStatuses: [waiting('ContainerCreating')] };
    expect(stateOf(status, LATER_MS)).toEqual({ state: 'starting' });
  });

  it('says why a pod finds no node', () => {
    const scheduled = {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message: '0/3 nodes',
    };
    expect(stateOf({ phase: 'Pending', conditions: [scheduled], containerStatuses: [] })).toEqual({
      state: 'starting',
      note: 'Unschedulable: 0/3 nodes',
    });
  });

  it('calls one that has ended failed, with what Kubernetes says of it', () => {
    expect(stateOf({ phase: 'Failed', reason: 'Evicted', message: 'low on memory' })).toEqual({
      state: 'failed',
      note: 'it has ended (Failed): Evicted: low on memory',
    });
  });

  it('leaves out one that is ending', () => {
    expect(observedPod(pod({ deleted: true }), WHERE, NOW_MS)).toBeUndefined();
  });

  it('shows that one is about to be evicted, its own news before those of its node', () => {
    const disruption = { type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler' };
    const ready = { type: 'Ready', status: 'True' };
    const evicted = pod({ status: { conditions: [ready, disruption] } });
    const node = { because: 'its node is cordoned (a)' };
    expect(observedPod(evicted, WHERE, NOW_MS, node)).toMatchObject({
      state: 'ready',
      leaving: { because: 'PreemptionByScheduler' },
    });
    expect(observedPod(pod(), WHERE, NOW_MS, node)?.leaving).toEqual(node);
  });

  it('puts addresses of IPv6 in brackets', () => {
    const at = observedPod(pod({ status: { podIP: 'fd00::7' } }), WHERE, NOW_MS);
    expect(at?.url).toBe('http://[fd00::7]:8080/predictions/m');
  });

  it('names pods of a StatefulSet so that the next one of the name is another', () => {
    const first = pod({ name: 'djl-0', uid: '11111111-aaaa', ownerKind: 'StatefulSet' });
    const next = pod({ name: 'djl-0', uid: '22222222-aaaa', ownerKind: 'StatefulSet' });
    const ids = [first, next].map((each) => observedPod(each, WHERE, NOW_MS)?.id);
    expect(ids).toEqual(['djl-0-11111111', 'djl-0-22222222']);
  });
});

describe('isCounted', () => {
  it.each([
    ['runs', pod(), true],
    ['waits', pod({ status: { phase: 'Pending' } }), true],
    ['has failed', pod({ status: { phase: 'Failed' } }), false],
    ['is ending', pod({ deleted: true }), false],
  ])('of one that %s is %s', (_, each, counted) => {
    expect(isCounted(each)).toBe(counted);
  });
});
