import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installTools } from './prometheus/prometheus-tools.ts';
import { endPrometheus, runPrometheus } from './prometheus/run-prometheus.ts';
import type { Rig, Started } from './rig.ts';
import { rigFolder } from './rig-folder.ts';

/** What is scraped where nobody says otherwise: gateway and scaler as `pnpm start` and `forebay-scaler` have them. */
const GATEWAY = '127.0.0.1:8080';
const SCALER = '127.0.0.1:8090';

/** A real Prometheus with our rules, for a gateway and a scaler on this machine; it has no Alertmanager, so alerts are only shown. */
export const prometheusRig: Rig = {
  name: 'prometheus',
  what: `Debian's Prometheus, scraping ${GATEWAY} and ${SCALER} with the rules of deploy/prometheus; sends alerts to nobody`,
  async install() {
    const found = await installTools();
    return found.kind === 'found' ? { kind: 'installed' } : found;
  },
  async start() {
    const running = await this.status();
    if (running !== undefined) return running;
    const found = await installTools();
    if (found.kind === 'unavailable') throw new Error(found.because);
    const configFile = join(rigFolder('prometheus'), 'prometheus.yml');
    writeFileSync(configFile, JSON.stringify(scrapeConfig()));
    const { prometheus } = found.tools;
    const { pid, url } = await runPrometheus({ prometheus, configFile, folder: dataFolder() });
    writeFileSync(recordFile(), JSON.stringify({ pid, url }));
    return started(url);
  },
  async stop() {
    const record = readRecord();
    // The number may be another's by now.
    if (record !== undefined && (await isOurs(record.url))) await endPrometheus(record.pid);
    for (const path of [dataFolder(), recordFile()]) rmSync(path, { recursive: true, force: true });
  },
  async status() {
    const record = readRecord();
    return record !== undefined && (await isOurs(record.url)) ? started(record.url) : undefined;
  },
};

/** In JSON, which is YAML too. */
function scrapeConfig() {
  const rules = fileURLToPath(new URL('../deploy/prometheus/*-rules.yml', import.meta.url));
  const job = (name: string, target: string) => ({
    job_name: name,
    static_configs: [{ targets: [target] }],
  });
  return {
    global: { scrape_interval: '5s', evaluation_interval: '5s' },
    rule_files: [rules],
    scrape_configs: [job('forebay-gateway', GATEWAY), job('forebay-scaler', SCALER)],
  };
}

function started(url: string): Started {
  return { env: { PROMETHEUS_URL: url }, hint: `curl -s '${url}/api/v1/query?query=up'` };
}

function readRecord(): { readonly pid: number; readonly url: string } | undefined {
  try {
    return JSON.parse(readFileSync(recordFile(), 'utf8')) as { pid: number; url: string }; // we wrote it
  } catch {
    return undefined; // nothing was started
  }
}

/** Whether the one that answers there keeps its data in our folder. */
async function isOurs(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/api/v1/status/flags`, { signal: AbortSignal.timeout(2_000) });
    const { data } = (await answer.json()) as { data: Record<string, string> }; // Prometheus' form
    return data['storage.tsdb.path']?.startsWith(dataFolder()) === true;
  } catch {
    return false; // nobody answers, or somebody else
  }
}

function dataFolder(): string {
  return join(rigFolder('prometheus'), 'run');
}

function recordFile(): string {
  return join(rigFolder('prometheus'), 'running.json');
}
