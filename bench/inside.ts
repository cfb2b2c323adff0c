import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { EmbedderPool, type EmbedderPoolOptions } from '@forebay/pool-client';
import { describeMachine } from './machine.ts';
import { renderPreamble } from './report.ts';
import { writeResult } from './run-program.ts';

const HELP = `What a chunk costs inside the pool, by how many wait and how many backends there are.

usage: node bench/inside.ts [--quick] [--name NAME]

Everything but the network is real: the pool's queue, planner, learned costs, breakers, verification. Each backend answers
a batch after 5 ms with two-dimensional vectors, so that what is measured is the pool and not floats.
Prints CPU microseconds per chunk, the event loop's delay, and the memory of the queue; then a million chunks by encodeStream.
--name writes bench/results/DATE-NAME.md.
`;

/** Batches take this long whatever is in them. */
const BATCH_MS = 5;
const JOB_CHUNKS = 64;
const TEXT =
  'the quick brown fox jumps over the lazy dog and goes on to the river, where it rests until evening';

async function main(quick: boolean, name: string | undefined): Promise<void> {
  const lines: string[] = [];
  const print = (line: string) => {
    lines.push(line);
    process.stdout.write(`${line}\n`);
  };
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const measured = quick ? 50_000 : 300_000;
  print('| queued | backends | CPU µs/chunk | event loop delay p99 / max ms | heap MB |');
  print('| ---: | ---: | ---: | ---: | ---: |');
  for (const backends of [5, 64]) {
    for (const depth of quick ? [1_000, 100_000] : [1_000, 1_000_000]) {
      say(`${depth} queued, ${backends} backends`);
      print(await row(depth, backends, measured));
    }
  }
  const mebibytes = quick ? 32 : 256;
  say(`${mebibytes} MiB of text`);
  print(`\n${await queuedBytes(mebibytes)}`);
  const streamed = quick ? 100_000 : 1_000_000;
  say(`a stream of ${streamed} chunks`);
  print(`\n${await stream(streamed)}`);
  if (name === undefined) return;
  const date = new Date().toISOString();
  const notes = [
    `Everything but the network is real. Each backend answers a batch after ${BATCH_MS} ms with two-dimensional vectors, so the pool is always short of time: the event loop's delay is that of bursts of answers, with 64 backends 64 at once.`,
    'A batch has up to 256 chunks, with 1,000 queued for 64 backends about 15: its own cost is then shared by fewer.',
  ];
  const command = ['pnpm bench:inside', ...process.argv.slice(2)].join(' ');
  const preamble = renderPreamble({ date, command, machine: describeMachine([]), notes });
  writeResult(`${date.slice(0, 10)}-${name}.md`, `${preamble}\n${lines.join('\n')}\n`, say);
}

/** Keeps `depth` chunks waiting while `measured` are answered. */
async function row(depth: number, backends: number, measured: number): Promise<string> {
  await using pool = poolOf(backends);
  await warmUp(pool);
  const texts = Array.from({ length: JOB_CHUNKS }, () => TEXT);
  let stop = false;
  let answered = 0;
  const caller = async () => {
    while (!stop) {
      await pool.submit({ texts });
      answered += JOB_CHUNKS;
    }
  };
  // What is in flight comes on top of what waits.
  const flying = 2 * 256 * backends;
  const callers = Array.from({ length: Math.ceil((depth + flying) / JOB_CHUNKS) }, () => caller());
  while (answered < measured / 5) await sleep(20);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const [before, cpu] = [answered, process.cpuUsage()];
  while (answered < before + measured) await sleep(20);
  const { user, system } = process.cpuUsage(cpu);
  delay.disable();
  const chunks = answered - before;
  const heap = process.memoryUsage().heapUsed;
  stop = true;
  await Promise.all(callers);
  const micros = ((user + system) / chunks).toFixed(2);
  return `| ${depth.toLocaleString('en')} | ${backends} | ${micros} | ${ms(delay.percentile(99))} / ${ms(delay.max)} | ${mb(heap)} |`;
}

/** Queues so much text at once that nobody answers yet, and takes it out again. */
async function queuedBytes(mebibytes: number): Promise<string> {
  await using pool = poolOf(5);
  await warmUp(pool);
  const long = 'x'.repeat(1_024);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const cpu = process.cpuUsage();
  const jobs: Promise<unknown>[] = [];
  for (let i = 0; i < mebibytes; i += 1) {
    jobs.push(pool.submit({ texts: Array.from({ length: 1_024 }, (_, n) => `${i} ${n} ${long}`) }));
    // One request of 1 MiB in each turn of the loop, as a server gets them.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const most = pool.stats().queuedBytes;
  await Promise.all(jobs);
  delay.disable();
  const { user, system } = process.cpuUsage(cpu);
  const micros = ((user + system) / (mebibytes * 1_024)).toFixed(2);
  return `${mebibytes} MiB of text in chunks of 1 KiB: ${mb(most)} MB waited at most, event loop delay p99 ${ms(delay.percentile(99))} ms, max ${ms(delay.max)} ms, ${micros} µs/chunk`;
}

async function stream(chunks: number): Promise<string> {
  await using pool = poolOf(5);
  await warmUp(pool);
  function* texts() {
    for (let i = 0; i < chunks; i += 1) yield `${i} ${TEXT}`;
  }
  let next = 0;
  let mostHeap = 0;
  let mostQueued = 0;
  const [startMs, cpu] = [performance.now(), process.cpuUsage()];
  for await (const { index } of pool.encodeStream(texts(), { output: 'float32' })) {
    if (index !== next) throw new Error(`chunk ${index} came where ${next} was due`);
    next += 1;
    if (next % 10_000 !== 0) continue;
    mostHeap = Math.max(mostHeap, process.memoryUsage().heapUsed);
    mostQueued = Math.max(mostQueued, pool.stats().queuedChunks.default);
  }
  if (next !== chunks) throw new Error(`${next} of ${chunks} chunks came`);
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - startMs) / 1_000;
  return `A stream of ${chunks.toLocaleString('en')} chunks: in order, ${Math.round(chunks / seconds).toLocaleString('en')} chunks/s, ${((user + system) / chunks).toFixed(2)} µs/chunk, at most ${mostQueued} queued and ${mb(mostHeap)} MB of heap`;
}

function poolOf(backends: number): EmbedderPool {
  return new EmbedderPool({
    backends: Array.from({ length: backends }, (_, i) => `http://127.0.0.1:${1_000 + i}/predictions/m`),
    transport: answering,
  });
}

async function warmUp(pool: EmbedderPool): Promise<void> {
  await pool.ready();
  for (let i = 0; i < 20; i += 1) await pool.encode(Array.from({ length: 2_000 }, () => TEXT));
}

const bodies = new Map<number, Buffer>();

/** Answers every batch with vectors that are right in number and form. */
const answering: NonNullable<EmbedderPoolOptions['transport']> = () => ({
  async send({ body = '' }) {
    const count = body.split('","').length;
    let answer = bodies.get(count);
    if (!answer) {
      answer = Buffer.from(`[${Array.from({ length: count }, () => '[0.6,0.8]').join(',')}]`);
      bodies.set(count, answer);
    }
    await sleep(BATCH_MS);
    return { status: 200, headers: {}, body: answer };
  },
  close: async () => undefined,
});

function ms(nanoseconds: number): string {
  return (nanoseconds / 1e6).toFixed(1);
}

function mb(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    name: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help) process.stdout.write(HELP);
else await main(values.quick === true, values.name);
