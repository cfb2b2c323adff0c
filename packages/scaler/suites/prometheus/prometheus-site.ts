import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PrometheusTools } from '../../../../rigs/prometheus/prometheus-tools.ts';
import {
  endPrometheus,
  type RunningPrometheus,
  runPrometheus,
} from '../../../../rigs/prometheus/run-prometheus.ts';
import { freePorts } from '../../src/drivers/process/free-ports.ts';
import { exchange } from '../../test/exchange.ts';
import { ScalerSite, type SpawnedScaler } from '../../test/scaler-site.ts';
import { type SpawnedGateway, spawnGateway } from '../../test/spawned-gateway.ts';

const BACKEND = fileURLToPath(new URL('../../../testing/src/main.ts', import.meta.url));
const RULES = fileURLToPath(new URL('../../../../deploy/prometheus/', import.meta.url));

/** Chunks/s that one replica shall have; the policy's only number. */
export const PER_REPLICA = 20;
export const MAX_REPLICAS = 3;

/** What a Prometheus server answers to an instant query: one value for each series. */
type Series = { readonly metric: Readonly<Record<string, string>>; readonly value: number };

/**
 * The whole circle, each a program of its own: a gateway, a scaler that launches simulated model servers for it, and a Prometheus that scrapes
 * both, has our rules, and is what the scaler decides by.
 */
export class PrometheusSite implements AsyncDisposable {
  readonly gateway: SpawnedGateway;
  readonly scaler: SpawnedScaler;
  readonly prometheus: RunningPrometheus;
  readonly #promtool: string;
  readonly #all: AsyncDisposableStack;

  private constructor(
    parts: Pick<PrometheusSite, 'gateway' | 'scaler' | 'prometheus'>,
    promtool: string,
    all: AsyncDisposableStack,
  ) {
    this.gateway = parts.gateway;
    this.scaler = parts.scaler;
    this.prometheus = parts.prometheus;
    this.#promtool = promtool;
    this.#all = all;
  }

  static async open(tools: PrometheusTools): Promise<PrometheusSite> {
    await using opened = new AsyncDisposableStack();
    const site = opened.use(await ScalerSite.open());
    const targets = (job: string) => join(site.dir, `${job}.json`);
    const configFile = join(site.dir, 'prometheus.json');
    writeFileSync(configFile, JSON.stringify(prometheusConfig(targets)));
    const folder = join(site.dir, 'prometheus');
    const prometheus = await runPrometheus({ prometheus: tools.prometheus, configFile, folder });
    opened.defer(() => endPrometheus(prometheus.pid));
    // The gateway wants to know where the scaler will be, and the scaler where the gateway is.
    const [port = 0] = await freePorts(1, new Set());
    const BACKENDS_URL = `http://127.0.0.1:${port}/v1/backends`;
    const gateway = opened.use(await spawnGateway({ BACKENDS_URL, LOG_LEVEL: 'fatal' }));
    const config = scalerConfig({
      port,
      gateway: gateway.url,
      prometheus: prometheus.url,
      state: site.state,
    });
    writeFileSync(join(site.dir, 'scaler.yaml'), JSON.stringify(config));
    const scaler = await site.start();
    opened.defer(async () => {
      // It ends its replicas.
      scaler.signal('SIGTERM');
      await scaler.ended;
    });
    for (const [job, url] of [
      ['forebay-gateway', gateway.url],
      ['forebay-scaler', scaler.url],
    ] as const) {
      writeFileSync(targets(job), JSON.stringify([{ targets: [new URL(url).host] }]));
    }
    return new PrometheusSite({ gateway, scaler, prometheus }, tools.promtool, opened.move());
  }

  /** The answer to PromQL, at this instant. */
  async query(promql: string): Promise<readonly Series[]> {
    const answer = await exchange(`${this.prometheus.url}/api/v1/query?query=${encodeURIComponent(promql)}`);
    const { data } = answer.json() as {
      data: { result: { metric: Series['metric']; value: [number, string] }[] };
    }; // Prometheus' form of a vector
    return data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
  }

  async prometheusApi(path: string): Promise<unknown> {
    return (await exchange(`${this.prometheus.url}/api/v1/${path}`)).json();
  }

  /** What promtool finds fault with in a program's metrics; empty where it is content. */
  async faultsOfMetrics(url: string): Promise<string> {
    const { text } = await exchange(`${url}/metrics`);
    try {
      return execFileSync(this.#promtool, ['check', 'metrics'], { input: text, encoding: 'utf8' });
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string }; // as execFileSync throws
      return `${stdout}${stderr}`;
    }
  }

  /** Kills it as a machine that fails would. */
  async losePrometheus(): Promise<void> {
    process.kill(this.prometheus.pid, 'SIGKILL');
    await endPrometheus(this.prometheus.pid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#all.disposeAsync();
  }
}

function prometheusConfig(targets: (job: string) => string) {
  const job = (name: string) => ({
    job_name: name,
    file_sd_configs: [{ files: [targets(name)], refresh_interval: '1s' }],
  });
  return {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [join(RULES, '*-rules.yml')],
    scrape_configs: [job('forebay-gateway'), job('forebay-scaler')],
  };
}

function scalerConfig(at: { port: number; gateway: string; prometheus: string; state: string }) {
  const query = 'sum(rate(forebay_chunks_received_total{job="forebay-gateway"}[10s]))';
  const group = {
    name: 'default',
    min: 1,
    initial: 1,
    max: MAX_REPLICAS,
    intervalSeconds: 1,
    drainSeconds: 5,
    stabilizationSeconds: { out: 0, in: 2 },
    policies: [
      { type: 'request-rate', name: 'by-prometheus', signal: 'chunks_seen', perReplica: PER_REPLICA },
    ],
  };
  return {
    port: at.port,
    gatewayUrl: at.gateway,
    state: at.state,
    onStop: 'end',
    signals: { chunks_seen: { type: 'prometheus', url: at.prometheus, query } },
    groups: [group],
    drivers: { process: { command: [process.execPath, BACKEND, '--port', '{port}', '--b-ms', '1'] } },
  };
}
