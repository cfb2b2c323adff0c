import { parseArgs } from 'node:util';
import { EmbedderPool } from '@forebay/pool-client';
import { seededRandom } from '@forebay/testing';
import { count } from './format.ts';
import { describeMachine } from './machine.ts';
import { median } from './percentile.ts';
import { startBackend } from './programs.ts';
import { renderPreamble } from './report.ts';
import { runProgram, type Surroundings, writeResult } from './run-program.ts';

const HELP = `What grouping by length brings: two real local backends that pad as DJL Serving does.

usage: node bench/lengths.ts [--rounds N] [--chunks N] [--name NAME]

Each round embeds the same texts of 4 to 200 words (log-uniform) twice, in one pool that groups chunks of like length and in one that takes them as
they come, in turn. Prints chunks/s of both, their ratio, and the lowest cosine between their vectors; --name writes the table to
bench/results/.
`;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    chunks: { type: 'string', default: '400' },
    name: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});

const WORDS =
  'the quick brown fox jumps over lazy dog while seven wizards brew potions near quiet rivers'.split(' ');

await runProgram('bench:lengths', async (surroundings) => {
  if (values.help) process.stdout.write(HELP);
  else await run(Number(values.rounds), Number(values.chunks), surroundings);
});

async function run(rounds: number, chunks: number, { processes, say }: Surroundings): Promise<void> {
  say('starting two local backends');
  const plan = { kind: 'local', class: 'cpu', pads: true } as const;
  const backends = await Promise.all([startBackend(processes, plan), startBackend(processes, plan)]);
  const urls = backends.map(({ djlUrl }) => `${djlUrl};class=cpu`);
  await using grouped = new EmbedderPool({ backends: urls });
  await using asTheyCome = new EmbedderPool({ backends: urls, groupByLength: false });
  const texts = mixedTexts(chunks);
  for (const pool of [grouped, asTheyCome]) {
    await pool.ready();
    await pool.encode(texts.slice(0, 150));
  }
  const rates: { readonly grouped: number; readonly asTheyCome: number }[] = [];
  let lowestCosine = 1;
  for (let round = 0; round < rounds; round += 1) {
    const one = await timed(grouped, texts);
    const other = await timed(asTheyCome, texts);
    lowestCosine = Math.min(
      lowestCosine,
      ...one.vectors.map((vector, i) => cosine(vector, other.vectors[i] ?? [])),
    );
    rates.push({ grouped: one.perSecond, asTheyCome: other.perSecond });
    say(
      `round ${round + 1} of ${rounds}: ${one.perSecond.toFixed(1)} and ${other.perSecond.toFixed(1)} chunks/s`,
    );
  }
  const ratios = rates.map((rate) => rate.grouped / rate.asTheyCome);
  const table = [
    '| | chunks/s, median |',
    '| --- | ---: |',
    `| grouped by length | ${median(rates.map((rate) => rate.grouped)).toFixed(1)} |`,
    `| as they come | ${median(rates.map((rate) => rate.asTheyCome)).toFixed(1)} |`,
    '',
    `Ratio ${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)} in ${rounds} rounds of ${count(chunks)} chunks); lowest cosine between the two ${lowestCosine.toFixed(7)}.`,
    '',
  ].join('\n');
  process.stdout.write(`\n${table}`);
  if (values.name === undefined) return;
  const date = new Date().toISOString();
  const preamble = renderPreamble({
    date,
    command: ['pnpm bench:lengths', ...process.argv.slice(2)].join(' '),
    machine: describeMachine([]),
    notes: [
      'Two local backends with the real all-MiniLM-L6-v2, one worker each, that pad the texts of a request to the longest as DJL Serving does (GROUP_BY_LENGTH=off).',
      'Texts of 4 to 200 words, log-uniform, seeded; both pools learned from 150 of them before.',
    ],
  });
  writeResult(`${date.slice(0, 10)}-${values.name}.md`, `${preamble}\n${table}`, say);
}

async function timed(pool: EmbedderPool, texts: readonly string[]) {
  const startMs = performance.now();
  const vectors = await pool.encode(texts);
  return { vectors, perSecond: texts.length / ((performance.now() - startMs) / 1_000) };
}

function mixedTexts(chunks: number): readonly string[] {
  const random = seededRandom(7);
  return Array.from({ length: chunks }, () =>
    Array.from(
      { length: Math.round(4 * 50 ** random()) },
      () => WORDS[Math.floor(random() * WORDS.length)],
    ).join(' '),
  );
}

function cosine(a: readonly number[], b: readonly number[]): number {
  const dot = (x: readonly number[], y: readonly number[]) =>
    x.reduce((sum, value, i) => sum + value * (y[i] ?? 0), 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}
