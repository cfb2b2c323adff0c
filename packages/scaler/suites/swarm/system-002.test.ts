import { join } from 'node:path';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { docker, enginePaths } from '../../../../rigs/swarm/engine.ts';
import { countChanges, shownChanges, shownTime } from '../systems/count-changes.ts';
import { countRange } from '../systems/count-limits.ts';
import { exampleConfig } from '../systems/example-config.ts';
import { startGatewayStandIn } from '../systems/gateway-stand-in.ts';
import { Hour } from '../systems/hour.ts';
import { pageSection } from '../systems/page-section.ts';
import { systemTable } from '../systems/system-table.ts';
import { engineOnClock } from './engine-on-clock.ts';
import { describeOnSwarm, swarmDriver } from './swarm-under-test.ts';
import { createService, removeServices } from './test-services.ts';

const START_MS = Date.UTC(2027, 0, 15, 8);
const SERVICE = `hour-${process.pid}`;
/** What one server does, in the middle of the document's 500 to 700. */
const CHUNKS_PER_SECOND = 600;

/** Chunks that come in a second: quiet, what four servers do, more than ten do with a reserve, quiet. */
function arrivalsAt(second: number): number {
  if (second <= RISE) return 400;
  if (second <= PEAK) return 2_400;
  return second <= CALM ? 5_600 : 400;
}
const [RISE, PEAK, CALM] = [300, 1_200, 2_100];
/** When somebody scales it by hand, as the document does. */
const BY_HAND = 3_002;

describeOnSwarm('document 002 on a real Swarm', () => {
  afterAll(() => removeServices([SERVICE]));

  it('keeps 2 to 10 tasks by the work of gateways through an hour', { timeout: 240_000 }, async () => {
    await createService(SERVICE, 2);
    const { folder, socket } = enginePaths();
    await using engine = await engineOnClock(join(folder, `${SERVICE}.sock`), socket);
    engine.setTime(START_MS - 3_600_000);
    const looking = swarmDriver(socket, { serviceOf: () => SERVICE });
    const readyNow = async () => {
      const replicas = await looking.list('djl-cpu', AbortSignal.timeout(10_000));
      return replicas.every(({ state }) => state === 'ready') ? replicas.map(({ id }) => id) : [];
    };
    const settled = async (count: number) => {
      for (let looks = 0; looks < 600; looks += 1) {
        const ids = await readyNow();
        if (ids.length === count) return ids;
        await sleepFor(50);
      }
      throw new Error(`not ${count} tasks that are ready after 30 s`);
    };
    let ids = await settled(2);
    let [received, queued] = [0, 0];
    await using gateway = await startGatewayStandIn(() => ({
      received,
      queued,
      workSeconds: queued / (CHUNKS_PER_SECOND * ids.length),
      backends: Object.fromEntries(ids.map((id) => [id, { rate: CHUNKS_PER_SECOND, batches: received }])),
    }));
    await using hour = await Hour.start({
      config: exampleConfig(
        '002-swarm.yaml',
        { 'service: embed_djl-cpu': `service: ${SERVICE}, host: 'unix://${engine.path}'` },
        { GATEWAY_URL: gateway.url },
      ),
      startMs: START_MS,
      onTime: (nowMs) => engine.setTime(nowMs),
    });
    let longestWait = 0;
    const counts = new Set<number>();
    let byHand: readonly number[] = [];
    await hour.pass(3_600, async (second) => {
      const target = hour.ticks('djl-cpu').at(-1)?.decision.target ?? 2;
      // The Engine has its own time: the clock stands still until it has done what was ordered.
      if (target !== ids.length) ids = await settled(target);
      if (second === BY_HAND) {
        await docker(['service', 'scale', '--detach', `${SERVICE}=5`]);
        byHand = [(await settled(5)).length];
      }
      if (second === BY_HAND + 5) {
        ids = await settled(target);
        byHand = [...byHand, ids.length];
      }
      counts.add(ids.length);
      received += arrivalsAt(second);
      queued = Math.max(0, queued + arrivalsAt(second) - CHUNKS_PER_SECOND * ids.length);
      longestWait = Math.max(longestWait, queued / (CHUNKS_PER_SECOND * ids.length));
    });

    const changes = countChanges(hour, 'djl-cpu');
    const { Spec } = JSON.parse(await docker(['service', 'inspect', SERVICE]))[0];
    await looking.close();
    const range = [Math.min(...counts), Math.max(...counts)];
    const failed = hour.events.flatMap((event) =>
      event.kind === 'driver-called' && event.call !== 'measure' && event.error !== undefined
        ? [event.error]
        : [],
    );
    const [first] = changes;
    const last = changes.at(-1);

    expect([range, countRange(2, changes)]).toEqual([
      [2, 10],
      [2, 10],
    ]);
    expect([changes.find(({ second }) => second > PEAK)?.to, last?.to]).toEqual([10, 2]);
    // Out as soon as the mean over a minute shows it, in after the window of 450 s or, for a fall to a quarter, of 300 s.
    expect((first?.second ?? 0) - RISE).toBeLessThanOrEqual(15);
    expect((last?.second ?? 0) - CALM).toBeGreaterThanOrEqual(300);
    expect(byHand).toEqual([5, 2]);
    expect(Spec.Mode).toEqual({ Replicated: { Replicas: 2 } });
    expect(failed).toEqual([]);
    expect(hour.events.filter(({ kind }) => kind === 'tick-failed')).toEqual([]);

    const table = systemTable([
      ['2 to 10 replicas', '`min: 2, max: 10`', `${range.join(' to ')} tasks that Swarm itself runs`],
      [
        '"manual or script-based", by no rule',
        'the default policy, `queued-work`: what comes and what waits at gateways',
        `${shownChanges(changes)}; the load rose at ${shownTime(RISE)} and ${shownTime(PEAK)} and fell at ${shownTime(CALM)}`,
      ],
      [
        '"500-700 chunks/s" of one server',
        '`chunksPerSecond: 600`, until it is measured',
        `${arrivalsAt(PEAK)} chunks/s had ${first?.to} tasks, then ${changes[1]?.to}: what four do, and a reserve; the longest wait was ${Math.round(longestWait)} s`,
      ],
      [
        '`docker service scale embed_djl-cpu=5`',
        "the scaler's count holds; a count by hand is its API's, `POST /scaling/scale`",
        `5 tasks ran at ${shownTime(BY_HAND)}, and ${byHand[1]} again at the next tick`,
      ],
    ]);
    const { path, text } = pageSection('002.md', 'swarm', table);
    await expect(text).toMatchFileSnapshot(path);
  });
});
