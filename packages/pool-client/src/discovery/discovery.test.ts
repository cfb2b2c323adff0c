import { ManualClock } from '@forebay/testing';
import { expect, it } from 'vitest';
import type { BackendEntry } from '../backend-entry.ts';
import { parseAllowedBackends } from './address-policy.ts';
import type { BackendSource, SourceSnapshot } from './backend-source.ts';
import { Discovery, type DiscoveryState } from './discovery.ts';

function entry(id: string): BackendEntry {
  const settings = {
    class: 'default',
    protocol: 'djl',
    maxBatch: 256,
    concurrency: 8,
    state: 'ready',
  } as const;
  return { id, url: 'http://10.0.0.1:8080/predictions/m', model: 'm', ...settings };
}

function listed(ids: readonly string[], complete = true): SourceSnapshot {
  return { kind: 'listed', entries: ids.map(entry), complete };
}

/** A source that reports and fails when a test says so. */
class ScriptedSource implements BackendSource {
  readonly name: string;
  runs = 0;
  ended = false;
  report: (snapshot: SourceSnapshot) => void = () => undefined;
  fail: (error: Error) => void = () => undefined;

  constructor(name: string) {
    this.name = name;
  }

  async run(report: (snapshot: SourceSnapshot) => void, signal: AbortSignal): Promise<void> {
    this.runs += 1;
    this.report = report;
    await new Promise<void>((resolve, reject) => {
      this.fail = reject;
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    this.ended = true;
  }
}

function setUp(...sources: readonly BackendSource[]) {
  const clock = new ManualClock();
  const discovery = new Discovery({ sources, policy: parseAllowedBackends(), clock });
  const states: DiscoveryState[] = [];
  return { clock, discovery, states, start: () => discovery.start((state) => states.push(state)) };
}

const nothing = { entries: [], pendingSources: [], problems: [], refused: [], tenants: [] };

it('has tried all at once when there is no source', () => {
  const { states, start } = setUp();
  start();
  expect(states).toEqual([{ ...nothing, triedAllOnce: true }]);
});

it('says what changed, and only when something did', () => {
  const [one, two] = [new ScriptedSource('one'), new ScriptedSource('two')];
  const { discovery, states, start } = setUp(one, two);
  start();
  const untried = (name: string) => ({ name, reason: 'it has not been tried yet' });
  one.report(listed(['a']));
  one.report(listed(['a']));
  two.report({ kind: 'pending', reason: 'its list is empty' });
  two.report(listed([]));
  two.report(listed(['a']));
  const a = { ...nothing, entries: [entry('a')] };
  const duplicate = {
    source: 'two',
    problem:
      'http://10.0.0.1:8080/predictions/m is left out: the id a is http://10.0.0.1:8080/predictions/m of one',
  };
  expect(states).toEqual([
    { ...nothing, pendingSources: [untried('one'), untried('two')], triedAllOnce: false },
    { ...a, pendingSources: [untried('two')], triedAllOnce: false },
    { ...a, pendingSources: [{ name: 'two', reason: 'its list is empty' }], triedAllOnce: true },
    { ...a, triedAllOnce: true },
    { ...a, problems: [duplicate], triedAllOnce: true },
  ]);
  expect(discovery.state).toBe(states.at(-1));
});

it('has not tried a source whose servers were not all asked, and never takes it back', () => {
  const one = new ScriptedSource('one');
  const { states, start } = setUp(one);
  start();
  one.report(listed(['a'], false));
  one.report(listed(['a'], true));
  one.report(listed(['a'], false));
  one.report(listed(['b'], false));
  expect(states.map((state) => state.triedAllOnce)).toEqual([false, false, true, true]);
});

it('keeps what a source had listed when it breaks, shows it, and runs it again after 5 s', async () => {
  const [one, two] = [new ScriptedSource('one'), new ScriptedSource('two')];
  const { clock, discovery, start } = setUp(one, two);
  start();
  one.report(listed(['a']));
  one.fail(new Error('boom'));
  two.fail(new Error('bang'));
  await clock.advance(4_999);
  expect(discovery.state).toEqual({
    ...nothing,
    entries: [entry('a')],
    problems: [{ source: 'one', problem: 'it broke and is started again in 5000 ms: boom' }],
    pendingSources: [{ name: 'two', reason: 'it broke and is started again in 5000 ms: bang' }],
    triedAllOnce: true,
  });
  await clock.advance(1);
  one.report(listed(['b']));
  expect([one.runs, two.runs]).toEqual([2, 2]);
  expect(discovery.state).toMatchObject({ entries: [entry('b')], problems: [] });
});

it('runs a source that is done no more', async () => {
  let runs = 0;
  const source: BackendSource = {
    name: 'once',
    run: async (report) => {
      runs += 1;
      report(listed(['a']));
    },
  };
  const { clock, discovery, start } = setUp(source);
  start();
  await clock.advance(60_000);
  expect(runs).toBe(1);
  expect(discovery.state.entries).toEqual([entry('a')]);
});

it('says nothing more once it is stopped, and waits for its sources to end', async () => {
  const one = new ScriptedSource('one');
  const { discovery, states, start } = setUp(one);
  start();
  one.report(listed(['a']));
  const stopped = discovery.stop();
  one.report(listed(['b']));
  await stopped;
  expect(one.ended).toBe(true);
  expect(states.map((state) => state.entries)).toEqual([[], [entry('a')]]);
  expect(discovery.state.entries).toEqual([entry('a')]);
});

it('wants sources with names of their own', () => {
  expect(() => setUp(new ScriptedSource('x'), new ScriptedSource('x'))).toThrow(
    'a name of its own, got x, x',
  );
});
