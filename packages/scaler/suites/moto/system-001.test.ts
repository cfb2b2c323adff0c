import { seededRandom } from '@forebay/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { motoWithClock } from '../../../../rigs/moto/moto-with-clock.ts';
import { isActive } from '../../src/reconcile/plan.ts';
import { exchange } from '../../test/exchange.ts';
import { Boots } from '../systems/boots.ts';
import { shownTime } from '../systems/count-changes.ts';
import { exampleConfig } from '../systems/example-config.ts';
import { startGatewayStandIn } from '../systems/gateway-stand-in.ts';
import { Hour, type Tick } from '../systems/hour.ts';
import { JobGateway } from '../systems/job-gateway.ts';
import { type SystemRow, systemTable } from '../systems/system-table.ts';
import { WorkspaceStack } from './workspace-stack.ts';

const START_MS = Date.UTC(2027, 0, 15, 8);
const BOOT_SECONDS = 60;
const FILE = '001-workspace-hosts.yaml';
const TOKEN = 'token-of-hosts';

const moto = await motoWithClock(START_MS);
if (moto.kind === 'unavailable') console.warn(`skipped, there is no moto here: ${moto.because}`);

/** Jobs that come in a second, of four minutes each in the mean: quiet, rise, peak, fall, quiet. */
function arrivalsPerSecond(second: number): number {
  if (second < 600) return 0.04;
  if (second < 1_200) return 0.04 + (0.29 * (second - 600)) / 600;
  if (second < 2_100) return 0.33;
  if (second < 2_700) return 0.33 - (0.29 * (second - 2_100)) / 600;
  return 0.04;
}

describe.skipIf(moto.kind === 'unavailable')('document 001', () => {
  process.env.AWS_ENDPOINT_URL = moto.endpoint;
  const stack = new WorkspaceStack(moto);
  afterAll(async () => {
    delete process.env.AWS_ENDPOINT_URL;
    stack.close();
    await moto.close();
  });

  it('keeps hosts for its jobs through an hour as it says', { timeout: 240_000 }, async () => {
    await stack.make();
    const random = seededRandom(7);
    const jobs = new JobGateway(10, random);
    await using gateway = await startGatewayStandIn(() => jobs.says());
    const boots = new Boots(BOOT_SECONDS);
    await using hour = await Hour.start({
      config: exampleConfig(
        FILE,
        { 'https://sqs.eu-west-1.amazonaws.com': moto.endpoint },
        { GATEWAY_URL: gateway.url, HOSTS_TOKEN: TOKEN },
      ),
      startMs: START_MS,
      ping: boots.ping,
      onTime: (nowMs) => {
        moto.setTime(nowMs);
        boots.setTime(nowMs);
      },
    });
    const rows = () => hour.ticks('workspace').at(-1)?.rows ?? [];
    const busiest = () =>
      rows()
        .filter(({ state }) => state.kind === 'ready')
        .toSorted((a, b) => jobs.on(b.id) - jobs.on(a.id))[0];
    const ask = (method: string, path: string, body?: unknown) =>
      exchange(`${hour.url}${path}`, { method, body });
    const report = (id: string, body: object) =>
      exchange(`${hour.url}/v1/hosts/${id}`, {
        method: 'POST',
        body,
        headers: { authorization: `Bearer ${TOKEN}` },
      });
    /** Ids by what was done to them. */
    const marked: Record<string, string> = {};
    const mark = (what: string) => {
      const { id = '', machine = '' } = busiest() ?? {};
      marked[what] = id;
      return machine;
    };
    const cut: Record<string, number> = {};
    let types: readonly string[] = [];
    /** Of the one that said so: its jobs second by second, and how gateways saw it. */
    const unhealthyJobs: number[] = [];
    const unhealthyListed = new Set<string>();
    let lost = 0;
    let heard = 0;

    const world = async () => {
      const { second } = hour;
      for (const event of hour.events.slice(heard)) {
        if (event.kind === 'ended') cut[event.cause] = (cut[event.cause] ?? 0) + jobs.lose(event.id);
        if (event.kind === 'lost') for (const id of event.ids) lost += jobs.lose(id);
      }
      heard = hour.events.length;
      const unhealthyBefore = marked.unhealthy;
      const came = random() < arrivalsPerSecond(second) ? [Math.round(120 + 240 * random())] : [];
      await jobs.pass(second, hour.url, came);
      if (unhealthyBefore !== undefined) {
        unhealthyJobs.push(jobs.on(unhealthyBefore));
        const state = jobs.listed.get(unhealthyBefore);
        if (state !== undefined) unhealthyListed.add(state);
      }
      if (second === UNHEALTHY) {
        const machine = mark('unhealthy');
        await hour.waking(() => report(machine, { state: 'unhealthy', because: 'docker ps says nothing' }));
        unhealthyJobs.push(jobs.on(marked.unhealthy ?? ''));
      }
      if (second === TERMINATED) await stack.terminate(mark('terminated'));
      if (second === STRANGER) marked.stranger = await stack.launchStranger();
      if (second === INTERRUPTED) {
        const machine = mark('interrupted');
        await hour.waking(() => stack.interrupt(machine, hour.clock.nowMs()));
      }
      if (second === DISABLED) await hour.waking(() => ask('PUT', '/scaling/config', { enabled: false }));
      if (second === ENABLED) await hour.waking(() => ask('PUT', '/scaling/config', { enabled: true }));
      if (second === BY_HAND) {
        boots.silenceNext();
        const launchTemplate = { name: 'workspace-host-next' };
        const options = { driver_options: { launchTemplate } };
        await hour.waking(() => ask('PUT', '/scaling/config', options));
        const count = { target_instances: 6, reason: 'an exam', expires_in_seconds: null };
        await hour.waking(() => ask('POST', '/scaling/scale', count));
      }
      if (second === BY_HAND + 60) types = (await stack.running()).map(({ type }) => type);
      if (second === RELEASED) await hour.waking(() => ask('DELETE', '/scaling/scale'));
    };
    await hour.pass(3_600, world);
    const metrics = (await exchange(`${hour.url}/metrics`)).text;

    // After the hour: one that has a job which never ends says that it is unhealthy.
    const stuck = busiest()?.id ?? '';
    jobs.stick(stuck);
    const saidAt = hour.second;
    await hour.waking(() => report(stuck, { state: 'unhealthy', because: 'its disk is full' }));
    await hour.jump(43_190 - 60);
    await hour.pass(50, world);
    const stuckBefore = rows().find(({ id }) => id === stuck)?.state.kind;
    await hour.pass(60, world);

    const hourTicks = hour.ticks('workspace').filter(({ second }) => second <= 3_600);
    const isRuled = ({ second }: Tick) =>
      second > 0 && (second < DISABLED || second > ENABLED) && (second < BY_HAND || second > RELEASED);
    const ruled = hourTicks.filter(isRuled);
    const agreeing = ruled.filter((tick) => tick.decision.target === asTheDocumentHasIt(tick));
    const settled = ruled.filter(({ decision: { ready, target } }) => ready === target);
    const moves = hourTicks.map((tick, index) => movesOf(hourTicks[index - 1], tick));
    const sum = (of: (move: Moves) => number) => moves.reduce((total, move) => total + of(move), 0);
    const endings = hour.events.flatMap((event) => (event.kind === 'ended' ? [event] : []));
    const endingOf = (id = '') => endings.find((ending) => ending.id === id);
    const causes = (second: number) =>
      Object.entries(
        Object.groupBy(
          endings.filter((each) => each.second <= second),
          ({ cause }) => cause,
        ),
      )
        .map(([cause, some]) => `${some.length} ${cause}`)
        .sort()
        .join(', ');
    const jobsSeen = ruled.map(({ decision: { signals } }) => jobsIn(signals.in_flight_chunks));
    const disabled = hourTicks.filter(({ decision: { limits } }) =>
      limits.some(({ name }) => name === 'disabled'),
    );
    const byHand = hourTicks.filter(({ second }) => second >= BY_HAND && second < RELEASED).at(-1)?.decision;
    const lostAt = hour.events.find(({ kind }) => kind === 'lost');
    const lostTick = hourTicks.find(({ second }) => second === lostAt?.second);
    const interruptedTick = hourTicks.find(({ second }) => second >= INTERRUPTED);
    const typesOf = (wanted: string) => types.filter((type) => type === wanted).length;
    const late = endings.filter(({ cause }) => cause === 'launch_timeout');
    const states = new Set(
      [...metrics.matchAll(/^forebay_scaler_replicas\{group="workspace",state="(\w+)"\}/gm)].map(
        ([, state]) => state,
      ),
    );

    expect(ruled.length).toBeGreaterThan(250);
    expect(agreeing).toEqual(ruled);
    expect([sum(({ launchedBeside }) => launchedBeside), jobs.waiting]).toEqual([0, 0]);
    expect(sum(({ recaptured }) => recaptured)).toBeGreaterThan(0);
    // By the end of a machine alone, and by the twelve hours.
    expect(Object.entries(cut).filter(([, count]) => count > 0)).toEqual([
      ['leaving', expect.any(Number)],
      ['unhealthy_timeout', 1],
    ]);
    expect(unhealthyJobs).toEqual(unhealthyJobs.toSorted((a, b) => b - a));
    expect([...unhealthyListed]).toEqual(['draining']);
    expect(endingOf(marked.unhealthy)).toMatchObject({ cause: 'unhealthy' });
    expect(unhealthyJobs[(endingOf(marked.unhealthy)?.second ?? 0) - UNHEALTHY]).toBe(0);
    expect(lostAt).toMatchObject({ ids: [marked.terminated] });
    expect(activeOf(lostTick)).toBe(lostTick?.decision.target);
    expect(endingOf(marked.stranger)).toMatchObject({ cause: 'stranger' });
    expect(endingOf(marked.interrupted)).toMatchObject({ cause: 'leaving' });
    expect(activeOf(interruptedTick)).toBe(interruptedTick?.decision.target);
    expect(late).toHaveLength(1);
    expect(disabled.length).toBeGreaterThan(0);
    expect(
      disabled.every(({ decision: { current, target, wanted } }) => target === current && wanted !== target),
    ).toBe(true);
    expect([byHand?.target, byHand?.ready]).toEqual([6, 6]);
    expect([stuckBefore, endingOf(stuck)]).toEqual([
      'unhealthy',
      expect.objectContaining({ cause: 'unhealthy_timeout' }),
    ]);
    expect(hour.events.filter(({ kind }) => kind === 'tick-failed')).toEqual([]);
    expect(states).toEqual(new Set(['launching', 'ready', 'draining', 'unhealthy', 'terminating']));

    const after = (id: string | undefined, second: number) => (endingOf(id)?.second ?? 0) - second;
    const tableRows: readonly SystemRow[] = [
      [
        'every 10 s: (n + 2·√n) / jobs per host',
        '`jobs-per-host`, `formula: sqrt, margin: 2, jobsPerHost: 10`; `intervalSeconds: 10`',
        `${agreeing.length} of ${ruled.length} decisions are ⌈(n + 2·√n) / 10⌉, for n from ${Math.min(...jobsSeen)} to ${Math.max(...jobsSeen)} and ${Math.min(...ruled.map(({ decision: { target } }) => target))} to ${Math.max(...ruled.map(({ decision: { target } }) => target))} hosts; in ${settled.length} of them as many were ready`,
      ],
      [
        'too many hosts: some drain, and end without jobs',
        '`drainSeconds: 86400`',
        `${sum(({ drained }) => drained)} were drained; of ${jobs.begun} jobs none was cut off by it`,
      ],
      [
        'too few: those that drain first, then new ones',
        'always',
        `${sum(({ recaptured }) => recaptured)} were taken back, ${sum(({ launched }) => launched)} launched, none of these while one drained`,
      ],
      [
        'launching for too long',
        '`startup.timeoutSeconds: 300`',
        `one that never answered was ended ${after(late[0]?.id, BY_HAND)} s after it was ordered, and replaced`,
      ],
      [
        'a host marks itself unhealthy: no new jobs, ended without jobs',
        '`POST /v1/hosts/{id}`, `hostsToken`',
        `said at ${shownTime(UNHEALTHY)} with ${unhealthyJobs[0]} jobs: listed as draining a second later, no new job, ended at ${shownTime(endingOf(marked.unhealthy)?.second ?? 0)} with none`,
      ],
      [
        'unhealthy over 12 hours: ended',
        '`unhealthySeconds: 43200`',
        `one with a job that never ends was ended ${after(stuck, saidAt)} s after it said so`,
      ],
      [
        'a host that is not in the list is terminated',
        'always',
        `one ended by hand at ${shownTime(TERMINATED)} was noticed ${(lostAt?.second ?? 0) - TERMINATED} s later and replaced in the same tick; its ${lost} jobs went with it`,
      ],
      [
        'a host in the list that nobody knows is ended',
        '`unknownHosts: end`',
        `one launched by hand with the pool's tags at ${shownTime(STRANGER)} was ended ${after(marked.stranger, STRANGER)} s later`,
      ],
      [
        '(nothing of machines that AWS takes away)',
        '`interruptionQueues`',
        `told at ${shownTime(INTERRUPTED)} that one has two minutes, replaced in the same tick, ended ${after(marked.interrupted, INTERRUPTED)} s later; ${cut.leaving} longer jobs went with it`,
      ],
      [
        '`workspaceAutoscalingEnabled`',
        '`PUT /scaling/config {"enabled": false}`',
        `from ${shownTime(DISABLED)} to ${shownTime(ENABLED)} ${disabled.length} decisions wanted another count, and none changed it`,
      ],
      [
        '`workspaceDesiredHostCount`',
        '`POST /scaling/scale {"target_instances": 6}`',
        `from ${shownTime(BY_HAND)} to ${shownTime(RELEASED)} ${byHand?.target} hosts, ${byHand?.ready} of them ready at the end`,
      ],
      [
        '`workspaceLaunchTemplateId`',
        '`PUT /scaling/config {"driver_options": {"launchTemplate": …}}`',
        `the ${typesOf('m6i.xlarge')} launched after it are of the new template, the ${typesOf('m5.xlarge')} before it of the old one`,
      ],
      [
        'hosts by state, as a time series',
        '`GET /metrics`: `forebay_scaler_replicas{state}`',
        `${states.size} states; those that are gone are counted by why: ${causes(3_600)} in the hour`,
      ],
    ];
    const page = `${HEAD}\n\n${systemTable(tableRows)}\n`;
    console.log(page);
    await expect(page).toMatchFileSnapshot('../../../../docs/systems/001.md');
  });
});

const HEAD = `# Document 001: hosts for jobs

One hour of [\`examples/scaler/001-workspace-hosts.yaml\`](../../examples/scaler/001-workspace-hosts.yaml) with the whole scaler against moto, which plays EC2 and SQS, and twelve more for one rule. The clock is a test's, and moto's goes
with it. Hosts of moto are no machines: here they answer 60 s after they were first asked. Who hands out jobs is a stand-in that reads \`GET /v1/backends\` each second, gives each job to a ready host by
chance, ten at most to each, and has them on its \`/metrics\`. Jobs take 2 to 6 minutes; 0.04 come in a second until 10:00, ever more until 20:00, 0.33 until 35:00, ever fewer until 45:00, and 0.04 again.

n is \`in_flight_chunks\`: the document's "number of jobs on ready hosts", which whoever hands them out knows. Its rule has no window: of the hosts that were launched some were not needed any more before they
answered. A group that is to be calmer has \`stabilizationSeconds.in\`.

Times are minutes and seconds since the start. Written by \`packages/scaler/suites/moto/system-001.test.ts\` (\`pnpm test:moto\`), which also checks it.`;

function jobsIn(signal: Tick['decision']['signals'][string] | undefined): number {
  return signal?.kind === 'value' ? signal.value : Number.NaN;
}

/** Launching and ready, and not about to leave. */
function activeOf(tick: Tick | undefined): number | undefined {
  return tick?.rows.filter(isActive).length;
}

const UNHEALTHY = 900;
const TERMINATED = 1_300;
const STRANGER = 1_500;
const INTERRUPTED = 1_700;
const DISABLED = 2_300;
const ENABLED = 2_400;
const BY_HAND = 2_960;
const RELEASED = 3_400;

/** ⌈(n + 2·√n) / 10⌉, at least the one that the file has. */
function asTheDocumentHasIt({ decision: { signals } }: Tick): number | undefined {
  const jobs = signals.in_flight_chunks;
  return jobs?.kind === 'value'
    ? Math.max(1, Math.ceil((jobs.value + 2 * Math.sqrt(jobs.value)) / 10))
    : undefined;
}

interface Moves {
  readonly launched: number;
  /** Launched although one that drained could have been taken back. */
  readonly launchedBeside: number;
  readonly drained: number;
  readonly recaptured: number;
}

/** What one tick did to its rows. */
function movesOf(before: Tick | undefined, { rows }: Tick): Moves {
  const was = new Map(before?.rows.map(({ id, state }) => [id, state.kind]));
  const launched = rows.filter(({ id, state }) => !was.has(id) && state.kind === 'launching').length;
  const couldReturn = rows.some(({ state }) => state.kind === 'draining' && state.leaving === undefined);
  const from = (kind: string, to: string) =>
    rows.filter(({ id, state }) => was.get(id) === kind && state.kind === to).length;
  return {
    launched,
    launchedBeside: couldReturn ? launched : 0,
    drained: from('ready', 'draining'),
    recaptured: from('draining', 'ready'),
  };
}
