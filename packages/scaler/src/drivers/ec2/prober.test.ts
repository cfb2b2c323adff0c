import { ManualClock } from '@forebay/testing';
import { expect, it } from 'vitest';
import { Prober } from './prober.ts';

const live = () => new AbortController().signal;
const hosts = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    instanceId: `i-${index}`,
    healthUrl: `http://h${index}/ping`,
  }));

it('begins no more probes when its time is up, and asks those that it left out first the next time', async () => {
  const clock = new ManualClock();
  const asked: string[] = [];
  const prober = new Prober(
    async (url) => {
      asked.push(url);
      await clock.sleep(1_000);
      return true;
    },
    clock,
    1,
  );
  const look = async () => {
    asked.length = 0;
    const probed = prober.probe('cpu', hosts(600), live());
    await clock.advance(10_000);
    const histories = await probed;
    return [...histories.values()].filter(({ kind }) => kind === 'answered').length;
  };
  expect(await look()).toBe(400);
  expect(await look()).toBe(600);
  expect(asked.slice(0, 200)).toEqual(
    hosts(600)
      .slice(400)
      .map(({ healthUrl }) => healthUrl),
  );
});

it('keeps groups apart, and forgets hosts that are not there any more', async () => {
  let up = true;
  const prober = new Prober(async () => up, new ManualClock(), 3);
  const kindsOf = async (group: string, count: number) =>
    [...(await prober.probe(group, hosts(count), live())).values()].map(({ kind }) => kind);
  await kindsOf('cpu', 2);
  up = false;
  expect(await kindsOf('gpu', 1)).toEqual(['never-answered']);
  expect(await kindsOf('cpu', 1)).toEqual(['answered']);
  expect(await kindsOf('cpu', 2)).toEqual(['answered', 'never-answered']);
});

it('counts nothing that was asked when the call was given up', async () => {
  const stop = new AbortController();
  const prober = new Prober(
    async () => {
      stop.abort();
      return false;
    },
    new ManualClock(),
    3,
  );
  await expect(prober.probe('cpu', hosts(1), stop.signal)).rejects.toThrow();
});

it.each([
  ['answers the third time', [false, false, true], 'answered', 3],
  ['answers at once', [true], 'answered', 1],
  ['never answers', [], 'never-answered', 3],
] as const)(
  'asks a host up to three times when the group is new to it: one that %s',
  async (_, answers, kind, times) => {
    let asked = 0;
    const prober = new Prober(async () => answers[asked++] ?? false, new ManualClock(), 3);
    const look = async () => [...(await prober.probe('cpu', hosts(1), live())).values()];
    expect([(await look())[0]?.kind, asked]).toEqual([kind, times]);
    await look();
    expect(asked).toBe(times + 1);
  },
);

it('begins no second round when its time is up', async () => {
  const clock = new ManualClock();
  let asked = 0;
  const prober = new Prober(
    async () => {
      asked += 1;
      await clock.sleep(5_000);
      return false;
    },
    clock,
    3,
  );
  const probed = prober.probe('cpu', hosts(200), live());
  await clock.advance(60_000);
  await probed;
  expect(asked).toBe(100);
});
