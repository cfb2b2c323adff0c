import { afterAll, describe, expect, it } from 'vitest';
import { motoWithClock } from '../../../../rigs/moto/moto-with-clock.ts';
import { Boots } from '../systems/boots.ts';
import { countChanges, shortestGap, shownChanges, shownTime } from '../systems/count-changes.ts';
import { exampleConfig } from '../systems/example-config.ts';
import { startGatewayStandIn } from '../systems/gateway-stand-in.ts';
import { Hour } from '../systems/hour.ts';
import { type SystemRow, systemTable } from '../systems/system-table.ts';
import { DelphiStack } from './delphi-stack.ts';

const START_MS = Date.UTC(2027, 0, 15, 8);
const BOOT_SECONDS = 90;
const FILE = '000-two-instance-groups.yaml';

const moto = await motoWithClock(START_MS);
if (moto.kind === 'unavailable') console.warn(`skipped, there is no moto here: ${moto.because}`);

/** Work for small instances, in percent of one's CPU: quiet, rise, peak, half of it, fall, quiet. */
function load(second: number): number {
  if (second < 600) return 60;
  if (second < 1_200) return 60 + (390 * (second - 600)) / 600;
  if (second < 1_980) return 450;
  if (second < 2_700) return 240;
  if (second < 3_000) return 240 - (200 * (second - 2_700)) / 300;
  return 40;
}

describe.skipIf(moto.kind === 'unavailable')('document 000', () => {
  process.env.AWS_ENDPOINT_URL = moto.endpoint;
  const stack = new DelphiStack(moto);
  afterAll(async () => {
    delete process.env.AWS_ENDPOINT_URL;
    stack.close();
    await moto.close();
  });

  it('scales its two groups through an hour as it says', { timeout: 240_000 }, async () => {
    await stack.make();
    await using gateway = await startGatewayStandIn(() => ({}));
    const boots = new Boots(BOOT_SECONDS);
    await using hour = await Hour.start({
      config: exampleConfig(
        FILE,
        { 'https://sqs.eu-west-1.amazonaws.com': moto.endpoint },
        { GATEWAY_URL: gateway.url },
      ),
      startMs: START_MS,
      ping: boots.ping,
      onTime: (nowMs) => {
        moto.setTime(nowMs);
        boots.setTime(nowMs);
      },
    });
    const up = (group: string) =>
      (hour.ticks(group).at(-1)?.rows ?? []).filter(
        ({ state, url }) => state.kind !== 'terminating' && url !== undefined && boots.isUp(url),
      ).length;
    const cpu: { readonly second: number; readonly percent: number }[] = [];
    const sizes: Readonly<Record<string, number>>[] = [];
    const mails: { readonly Subject: string; readonly Message: string }[] = [];
    const underWork: { readonly receipt: string; readonly untilSecond: number }[] = [];
    let done = 0;

    await hour.pass(3_600, async (second) => {
      if (second % 60 === 0) {
        const [small, all] = [up('small'), (await stack.sizes())['delphi-small'] ?? 0];
        // Those that boot idle.
        const busy = small === 0 ? 0 : Math.min(100, load(second) / small);
        const percent = all === 0 ? 0 : (busy * small + 5 * (all - small)) / all;
        cpu.push({ second, percent });
        await stack.measured('delphi-small', percent, START_MS + (second - 60) * 1_000);
        sizes.push(await stack.sizes());
        mails.push(...(await stack.mails()));
      }
      if (second === 1_200) await stack.sendJobs(20);
      if (second >= 1_200 && second % 10 === 0) {
        const over = underWork.filter(({ untilSecond }) => untilSecond <= second);
        for (const { receipt } of over) await stack.finishJob(receipt);
        done += over.length;
        underWork.splice(0, underWork.length, ...underWork.filter((each) => !over.includes(each)));
        const free = 8 * up('large') - underWork.length;
        const taken = free > 0 ? await stack.takeJobs(Math.min(10, free)) : [];
        underWork.push(...taken.map((receipt) => ({ receipt, untilSecond: second + 240 })));
      }
    });
    const [small, large] = [countChanges(hour, 'small'), countChanges(hour, 'large')];
    const range = (group: string) => {
      const counts = sizes.map((each) => each[group] ?? 0);
      return [Math.min(...counts), Math.max(...counts)] as const;
    };
    const targets = (group: string) => hour.ticks(group).map(({ decision: { target } }) => target);
    const alarms = mails.map(({ Message }) => JSON.parse(Message) as { state: string; at: string }); // our own
    const rang = alarms.map(({ state, at }) => [state, (Date.parse(at) - START_MS) / 1_000] as const);
    const causes = hour.events.flatMap((event) => (event.kind === 'ended' ? [event.cause] : []));
    const starts = hour.events.flatMap((event) => (event.kind === 'started' ? [event.seconds] : []));
    const quiet = cpu.filter(({ second }) => second > 3_420).map(({ percent }) => percent);
    const middle = cpu
      .filter(({ second }) => second > 2_460 && second <= 2_700)
      .map(({ percent }) => percent);
    const peak = cpu.filter(({ second }) => second > 1_320 && second < 1_980).map(({ percent }) => percent);

    expect([range('delphi-small'), range('delphi-large')]).toEqual([
      [1, 5],
      [0, 3],
    ]);
    expect(targets('small').every((target) => target >= 1 && target <= 5)).toBe(true);
    expect(targets('large').every((target) => target >= 0 && target <= 3)).toBe(true);
    expect([targets('small')[0], targets('large')[0]]).toEqual([2, 1]);
    // Out while it is above 60 %, in while it is below: the datapoint that each change rests on.
    for (const { second, from, to } of small) {
      const tick = hour.ticks('small').find((each) => each.second === second);
      const seen = tick?.decision.signals.cpu_percent;
      expect(seen).toMatchObject({ kind: 'value' });
      expect(seen?.kind === 'value' && seen.value > 60).toBe(to > from);
    }
    expect(shortestGap(small, 'out')).toBeGreaterThanOrEqual(120);
    expect(shortestGap(small, 'in')).toBeGreaterThanOrEqual(300);
    expect([large[0]?.to, large.at(-1)?.to, Math.max(...large.map(({ to }) => to))]).toEqual([0, 0, 3]);
    expect([done, underWork]).toEqual([20, []]);
    expect(rang.map(([state]) => state)).toEqual(['ALARM', 'OK']);
    expect(hour.events.filter(({ kind }) => kind === 'lost' || kind === 'tick-failed')).toEqual([]);
    expect(new Set(causes)).toEqual(new Set(['empty']));

    const rows: readonly SystemRow[] = [
      [
        'small (t3.large): starts with 2, 1 to 5',
        '`initial: 2, min: 1, max: 5`',
        `began with ${targets('small')[0]}; ${range('delphi-small').join(' to ')} instances, counted each minute`,
      ],
      [
        'large (c6g.4xlarge): starts with 1, 0 to 3',
        '`initial: 1, min: 0, max: 3`',
        `began with ${targets('large')[0]}; ${range('delphi-large').join(' to ')} instances, counted each minute`,
      ],
      [
        'small holds 60 % CPU, the average of 5 minutes',
        '`target-tracking` of `cpu_percent`, a `cloudwatch` signal',
        `${shownChanges(small)}; CPU at the peak, where max holds it, ${shownRange(peak)} %, from 41:00 to 45:00 ${shownRange(middle)} %, at the end with one ${shownRange(quiet)} %`,
      ],
      [
        'no scale-out within 2 minutes',
        '`cooldownSeconds.out: 120`',
        `the soonest came ${shortestGap(small, 'out')} s after the change before it`,
      ],
      [
        'no scale-in within 5 minutes',
        '`cooldownSeconds.in: 300`',
        `the soonest came ${shortestGap(small, 'in')} s after the change before it`,
      ],
      [
        'health checks wait for 2 minutes',
        '`startup.expectedSeconds: 120`',
        `${starts.length} instances that answer after ${BOOT_SECONDS} s were ready after ${shownRange(starts)} s, none was ended before`,
      ],
      [
        'alarm above 80 % for 2 periods of 5 minutes, to an SNS topic',
        '`alarms`: `above: 80, periods: 2, periodSeconds: 300, snsTopicArn`',
        `${rang.map(([state, second]) => `${state} at ${shownTime(second)}`).join(', ')}; ${mails.length} messages in a queue that the topic has`,
      ],
      [
        'large is for demanding jobs, by no rule',
        '`backlog` of an `sqs` signal, 8 a replica',
        `${shownChanges(large)}; 20 jobs were sent at 20:00, ${done} were done`,
      ],
      [
        'workers, memory and CPUs by the size of the instance',
        "user data of the launch templates, in the file's first comment",
        'not run: these instances are no machines',
      ],
    ];
    const page = `${HEAD}\n\n${systemTable(rows)}\n`;
    console.log(page);
    await expect(page).toMatchFileSnapshot('../../../../docs/systems/000.md');
  });
});

function shownRange(values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)].map((value) => Math.round(value));
  return least === most ? `${least}` : `${least} to ${most}`;
}

const HEAD = `# Document 000: two groups of instances by CPU

One hour of [\`examples/scaler/000-two-instance-groups.yaml\`](../../examples/scaler/000-two-instance-groups.yaml) with the whole scaler against moto, which plays Auto Scaling, EC2, CloudWatch, SQS and SNS. The clock is a
test's, and moto's goes with it. Instances of moto are no machines: here they answer 90 s after they were first asked, use 5 % of their CPU until then, and share the load after it. The load is 60 % of one small
instance until 10:00, then rises to 450 % at 20:00, stays until 33:00, is 240 % until 45:00, falls to 40 % at 50:00 and stays. Each minute's CPU is put to CloudWatch.

Times are minutes and seconds since the start. Written by \`packages/scaler/suites/moto/system-000.test.ts\` (\`pnpm test:moto\`), which also checks it.`;
