import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isProcess } from './is-process.ts';
import { installTools } from './prometheus/prometheus-tools.ts';
import { endPrometheus, runPrometheus } from './prometheus/run-prometheus.ts';
import type { Rig, Started } from './rig.ts';
import { rigFolder } from './rig-folder.ts';
import { type RunningRecord, runningRecord } from './running-record.ts';

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
    await this.stop(); // what answers no more, and its record
    const found = await installTools();
    if (found.kind === 'unavailable') throw new Error(found.because);
    const folder = mkdtempSync(join(rigFolder('prometheus'), 'run-'));
    const configFile = join(folder, 'prometheus.yml');
    writeFileSync(configFile, JSON.stringify(scrapeConfig()));
    const { prometheus } = found.tools;
    const ours = {
      folder,
      ...(await runPrometheus({ prometheus, configFile, folder: join(folder, 'run') })),
    };
    if (record().claim(ours)) return started(ours.url);
    await end(ours);
    return this.start();
  },
  async stop() {
    const running = record().read();
    if (running !== undefined) await end(running);
    record().forget();
  },
  async status() {
    const running = record().read();
    return running !== undefined && (await isOurs(running)) ? started(running.url) : undefined;
  },
};

interface Running {
  readonly pid: number;
  readonly url: string;
  /** All that it has. */
  readonly folder: string;
}

function record(): RunningRecord<Running> {
  return runningRecord(join(rigFolder('prometheus'), 'running.json'));
}

async function end({ pid, folder }: Running): Promise<void> {
  if (isProcess(pid, folder)) await endPrometheus(pid);
  rmSync(folder, { recursive: true, force: true });
}

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

/** Whether the one that answers there keeps its data in our folder. */
async function isOurs({ url, folder }: Running): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/api/v1/status/flags`, { signal: AbortSignal.timeout(2_000) });
    const { data } = (await answer.json()) as { data: Record<string, string> }; // Prometheus' form
    return data['storage.tsdb.path']?.startsWith(folder) === true;
  } catch {
    return false; // nobody answers, or somebody else
  }
}
