import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom } from '@forebay/testing';
import { exchange } from '../../test/exchange.ts';
import { spawnGateway } from '../../test/gateway-process.ts';
import { BackendProcess } from './backend-process.ts';
import { CALLERS, runCaller } from './load.ts';
import { MischiefMaker } from './mischief-maker.ts';
import { readSamples, type Sample } from './samples.ts';
import { Tally } from './tally.ts';
import { findingsOf, type SoakRecord, unexcusedFailures } from './verdict.ts';

// Hours of bad days in minutes: pnpm test:soak. docs/soak.md says how to read it.
const BACKENDS = 4;
/** From the end of the load to the last look. */
const QUIET_MS = 10_000;
const seconds = Number(process.env.SOAK_SECONDS ?? 600);
const seed = Number(process.env.SOAK_SEED ?? Math.floor(Math.random() * 2 ** 31));
const gcSeconds = Math.max(1, Math.min(30, Math.floor(seconds / 60)));
const samplesFile = join(mkdtempSync(join(tmpdir(), 'forebay-soak-')), 'samples.jsonl');
const preload = new URL('./sampler-preload.ts', import.meta.url).href;
const sleep = (forMs: number) => new Promise((resolve) => setTimeout(resolve, forMs));
const say = (line: string) => process.stdout.write(`${line}\n`);

say(`SOAK_SECONDS=${seconds} SOAK_SEED=${seed}, Node ${process.version}, samples in ${samplesFile}`);
const backends = Array.from({ length: BACKENDS }, (_, index) => new BackendProcess(seed + index));
const endings: (() => void)[] = [() => backends.forEach((backend) => void backend.kill())];
// Also where it is interrupted, no process may be left behind, least of all one that is stopped.
process.on('exit', () => {
  for (const end of endings) end();
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
try {
  process.exitCode = await soak();
} finally {
  await Promise.all(backends.map((backend) => backend.kill()));
}

async function soak(): Promise<number> {
  await Promise.all(backends.map((backend) => backend.start()));
  await using gateway = spawnGateway(
    [],
    {
      PORT: '0',
      DJL_URLS: backends.map(({ djlUrl }) => djlUrl).join(','),
      VERIFY: 'full',
      LOG_LEVEL: 'error',
      SOAK_SAMPLES: samplesFile,
      SOAK_GC_SECONDS: String(gcSeconds),
    },
    ['--expose-gc', '--import', preload],
  );
  endings.push(() => gateway.child.kill('SIGKILL'));
  const origin = await gateway.url;
  while ((await exchange(`${origin}/readyz`)).status !== 200) await sleep(100);
  const before = await nextSampleAfterGc();
  const tally = new Tally();
  const random = seededRandom(seed);
  const maker = new MischiefMaker(backends, seededRandom(seed ^ 0x5eed));
  const over = new AbortController();
  const fromMs = Date.now();
  const callers = CALLERS.map((kind) => runCaller(kind, { origin, random, settled: tally.add }, over.signal));
  const mischief = maker.run(over.signal);
  let hasEnded = false;
  void gateway.ended.then(() => {
    hasEnded = true;
  });
  while (Date.now() - fromMs < seconds * 1_000 && !hasEnded) {
    await sleep(Math.min(10_000, fromMs + seconds * 1_000 - Date.now()));
    say(progress(Math.round((Date.now() - fromMs) / 1_000), tally, maker.now));
  }
  over.abort();
  await Promise.all([...callers, mischief]);
  const toMs = Date.now();
  await sleep(QUIET_MS);
  const after = await nextSampleAfterGc();
  const record: SoakRecord = {
    tally,
    spells: maker.spells,
    samples: readSamples(samplesFile),
    backends: BACKENDS,
    loadMs: [fromMs, toMs],
    before,
    after,
  };
  const isAlive = !hasEnded && !gateway.stderr().includes('a fault of the gateway');
  if (!isAlive)
    say(`the gateway ended or failed:\n${gateway.stderr().slice(-5_000)}${gateway.stdout().slice(-5_000)}`);
  return report(record) && isAlive ? 0 : 1;
}

function latestSample(): Sample {
  const latest = readSamples(samplesFile).at(-1);
  if (!latest) throw new Error(`no sample in ${samplesFile}`);
  return latest;
}

async function nextSampleAfterGc(): Promise<Sample> {
  const sinceMs = Date.now();
  for (;;) {
    await sleep(200);
    const sample = existsSync(samplesFile) ? readSamples(samplesFile).at(-1) : undefined;
    if (sample?.isAfterGc && sample.atMs >= sinceMs) return sample;
    if (Date.now() - sinceMs > 60_000) throw new Error(`no new sample in ${samplesFile}`);
  }
}

function progress(atS: number, { counts, requests, texts }: Tally, now: string): string {
  const { memory, openFiles, lag } = latestSample();
  const { wrong, failed, lost } = counts;
  const heapMiB = Math.round(memory.heapUsed / 2 ** 20);
  return (
    `${atS} s: ${requests} requests, ${texts} texts, wrong ${wrong}, lost ${lost}, failed ${failed}; ` +
    `heap ${heapMiB} MiB, rss ${Math.round(memory.rss / 2 ** 20)} MiB, files ${openFiles}, lag p99 ${lag.p99Ms.toFixed(0)} ms; ${now}`
  );
}

/** Prints the table; whether all of it holds. */
function report(record: SoakRecord): boolean {
  const findings = findingsOf(record);
  for (const { what, figure, holds } of findings)
    say(`${holds ? '  ok' : 'FAIL'}  ${what.padEnd(36)} ${figure}`);
  for (const [what, count] of byKind(record.tally)) say(`${String(count).padStart(6)} × ${what}`);
  const unexcused = new Set(unexcusedFailures(record));
  for (const trouble of record.tally.troubles.slice(0, 40)) {
    const { kind, what, fromMs, toMs, texts } = trouble;
    const excuse = kind === 'failed' && !unexcused.has(trouble) ? ' while none was well' : '';
    const around = record.spells.filter((spell) => spell.fromMs <= toMs && spell.toMs >= fromMs - 15_000);
    const spells = around.map(
      ({ backend, name, ...spell }) => `${backend} ${name} ${spell.fromMs - fromMs}…${spell.toMs - fromMs}`,
    );
    say(
      `${kind}${excuse}: ${texts} texts, ${toMs - fromMs} ms: ${what.slice(0, 300)}; then ${spells.join(', ')}`,
    );
  }
  say(`${record.spells.length} spells of mischief (SOAK_SEED=${seed})`);
  return findings.every(({ holds }) => holds);
}

/** Troubles that differ only in numbers and dialects, with how many there were. */
function byKind({ troubles }: Tally): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { kind, what } of troubles) {
    const name = `${kind}: ${what.replace(/^(\d+) \w+ on \w+: /, '$1: ').slice(0, 250)}`;
    const alike = name.replaceAll(/(?<!HTTP |: )\b\d+(\.\d+)*/g, 'N').replaceAll(/inputs?\[/g, 'input[');
    counts.set(alike, (counts.get(alike) ?? 0) + 1);
  }
  return counts;
}
