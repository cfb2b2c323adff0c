import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installTools } from '../../../../rigs/prometheus/prometheus-tools.ts';
import { exchange } from '../../test/exchange.ts';
import { eventually } from '../../test/scaler-site.ts';
import { MAX_REPLICAS, PER_REPLICA, PrometheusSite } from './prometheus-site.ts';

const found = await installTools();
if (found.kind === 'unavailable') console.log(`skipped: ${found.because}`);

describe.skipIf(found.kind === 'unavailable')('a Prometheus that scrapes gateway and scaler', () => {
  let site: PrometheusSite;
  let load: AbortController | undefined;

  beforeAll(async () => {
    if (found.kind === 'found') site = await PrometheusSite.open(found.tools);
  });
  afterAll(async () => {
    load?.abort();
    await site?.[Symbol.asyncDispose]();
  });

  const decision = async () =>
    (await site.scaler.ask('GET', '/scaling/decision')).body as unknown as Decision;
  const value = async (promql: string) => (await site.query(promql))[0]?.value;
  const startLoad = () => {
    load = new AbortController();
    void sendChunks(site.gateway.url, load.signal);
  };

  it('sees both of them', async () => {
    const seen = await eventually(
      () => site.query('up == 1'),
      (series) => series.length === 2,
    );
    expect(seen.map(({ metric }) => metric.job).toSorted()).toEqual(['forebay-gateway', 'forebay-scaler']);
  });

  it('finds no fault with their metrics', async () => {
    expect(await site.faultsOfMetrics(site.gateway.url)).toBe('');
    expect(await site.faultsOfMetrics(site.scaler.url)).toBe('');
  });

  it('can tell what is there from what is not', async () => {
    const absent = ['forebay_scaler_leader', 'forebay_queue_depth', 'forebay_no_such_thing'];
    const answers = await eventually(
      () => Promise.all(absent.map((name) => value(`absent(${name})`))),
      ([leader]) => leader === undefined,
    );
    expect(answers).toEqual([undefined, undefined, 1]);
  });

  it('has a sum of work by which the scaler scales out, and says so with its figures', async () => {
    startLoad();
    const settled = await eventually(decision, ({ groups }) => groups[0]?.ready_instances === MAX_REPLICAS);
    const [vote] = settled.groups[0]?.votes ?? [];
    expect(vote).toMatchObject({
      kind: 'wants',
      policy: 'by-prometheus',
      figures: { value: expect.any(Number), value_per_replica: PER_REPLICA },
    });
    expect(vote?.figures?.value).toBeGreaterThan((MAX_REPLICAS - 1) * PER_REPLICA);
    const figure = 'forebay_scaler_policy_figure{policy="by-prometheus",figure="value"}';
    const scraped = await eventually(
      () => value(figure),
      (seen) => (seen ?? 0) > (MAX_REPLICAS - 1) * PER_REPLICA,
    );
    expect(scraped).toBeGreaterThan((MAX_REPLICAS - 1) * PER_REPLICA);
    expect(await value('sum(rate(forebay_chunks_total{outcome="ok"}[10s]))')).toBeGreaterThan(PER_REPLICA);
    await eventually(
      () => value('sum(forebay_backend_up)'),
      (up) => up === MAX_REPLICAS,
    );
  });

  it('evaluates every rule, and records by them', async () => {
    const rulesOf = async () => {
      const { data } = (await site.prometheusApi('rules')) as { data: { groups: RuleGroup[] } }; // its form
      return data.groups.flatMap(({ rules }) => rules);
    };
    const rules = await eventually(
      rulesOf,
      (all) => all.length > 0 && all.every(({ health }) => health !== 'unknown'),
    );
    expect(rules.filter(({ health }) => health !== 'ok')).toEqual([]);
    expect(rules.filter(({ state }) => state === 'firing')).toEqual([]);
    // Each is recorded when its group of rules is evaluated next, which may be after the last scrape only.
    const recorded = (): Promise<(number | undefined)[]> =>
      Promise.all([
        value('job_group:forebay_scaler_desired_replicas:acting'),
        value('job_group_state:forebay_scaler_replicas:acting{state="ready"}'),
      ]);
    await eventually(recorded, (counts) => counts.every((count) => count === MAX_REPLICAS));
    await eventually(
      () => value('job:forebay_chunks_received:rate1m'),
      (rate) => (rate ?? 0) > 0,
    );
  });

  it('has rules about metrics that there are', async () => {
    const pages = [site.gateway.url, site.scaler.url].map(
      async (url) => (await exchange(`${url}/metrics`)).text,
    );
    const known = new Set(
      [...(await Promise.all(pages)).join('\n').matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name),
    );
    const folder = new URL('../../../../deploy/prometheus/', import.meta.url);
    const used = readdirSync(folder)
      .filter((name) => name.endsWith('.yml'))
      .flatMap((name) => [...readFileSync(new URL(name, folder), 'utf8').matchAll(/(?<![\w:])forebay_\w+/g)])
      .map(([name]) => name.replace(/_bucket$/, ''));
    expect(new Set(used).size).toBeGreaterThan(15);
    expect(used.filter((name) => !known.has(name))).toEqual([]);
  });

  it('lets it scale in when the work is gone', async () => {
    load?.abort();
    const settled = await eventually(decision, ({ target_instances }) => target_instances === 1);
    expect(settled.groups[0]?.votes[0]?.kind).toBe('wants');
    const ended = await eventually(
      () => value('forebay_scaler_replicas_ended_total{because="empty"}'),
      (count) => (count ?? 0) >= MAX_REPLICAS - 1,
    );
    expect(ended).toBe(MAX_REPLICAS - 1);
  });

  it('that is lost takes no replica away', async () => {
    startLoad();
    await eventually(decision, ({ groups }) => groups[0]?.ready_instances === MAX_REPLICAS);
    load?.abort();
    await site.losePrometheus();
    const settled = await eventually(decision, ({ groups }) => groups[0]?.votes[0]?.lost_signal === true);
    expect(settled.groups[0]?.votes[0]?.because).toContain('chunks_seen is missing');
    // Three times the window in which it scaled in above, and the ten seconds that the rate reaches back.
    await sleep(16_000);
    const later = await decision();
    expect([later.target_instances, later.groups[0]?.votes[0]?.kind]).toEqual([MAX_REPLICAS, 'abstains']);
    const { text } = await exchange(`${site.scaler.url}/metrics`);
    expect(text).toContain('forebay_scaler_signal_fresh{group="default",signal="chunks_seen"} 0');
  });
});

/** What we look at of an answer of the API. */
interface Decision {
  readonly target_instances: number;
  readonly groups: readonly {
    readonly ready_instances: number;
    readonly votes: readonly {
      readonly kind: string;
      readonly because: string;
      readonly lost_signal?: boolean;
      readonly figures?: Readonly<Record<string, number>>;
    }[];
  }[];
}

interface RuleGroup {
  readonly rules: readonly { readonly name: string; readonly health: string; readonly state?: string }[];
}

/** 100 chunks/s in requests of ten, until the signal. */
async function sendChunks(gateway: string, signal: AbortSignal): Promise<void> {
  const body = JSON.stringify({ inputs: Array.from({ length: 10 }, (_, i) => `text ${i}`) });
  const headers = { 'content-type': 'application/json' };
  while (!signal.aborted) {
    void fetch(`${gateway}/predictions/all-MiniLM-L6-v2`, { method: 'POST', headers, body }).then(
      (answer) => answer.arrayBuffer(),
      () => undefined, // at the end the gateway goes first
    );
    await sleep(100);
  }
}
