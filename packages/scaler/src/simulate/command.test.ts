import { describe, expect, it } from 'vitest';
import { runSimulate } from './command.ts';
import { fixed } from './references/fixed.ts';

/** One run with these files at hand. */
async function run(line: string, files: Readonly<Record<string, string>> = {}) {
  const written: Record<string, string> = {};
  let out = '';
  let err = '';
  const code = await runSimulate(line.split(' '), {
    async readText(path) {
      const text = files[path];
      if (text === undefined) throw new Error(`ENOENT: no such file, open '${path}'`);
      return text;
    },
    async writeText(path, text) {
      if (path.startsWith('/nowhere/')) throw new Error(`ENOENT: no such file, open '${path}'`);
      written[path] = text;
    },
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    findPolicy: (name) => (name === 'default' ? fixed(3) : { problem: 'no such file' }),
  });
  return { code, out, err, written };
}

const TRACE = { 'a.csv': 'second,requests\n0,2\n1,2\n2,2\n' };
const SYSTEM = '--per-replica 1 --startup-seconds 1 --min 1 --initial 1 --max 5';

describe('runSimulate', () => {
  it('prints an array, a row for each policy, called as it was asked for', async () => {
    const { code, out, err } = await run(
      `--trace a.csv --policy default --policy fixed:2 ${SYSTEM} --price-per-hour 3600 --json`,
      TRACE,
    );
    expect([code, err, JSON.parse(out)]).toEqual([
      0,
      '',
      [
        {
          policy: 'default',
          wait_p50_seconds: 0,
          wait_p99_seconds: 0.5,
          wait_max_seconds: 0.5,
          replica_hours: 0.0025,
          actions: 1,
          cost: 9,
          unserved: 0,
        },
        {
          policy: 'fixed:2',
          wait_p50_seconds: 0,
          wait_p99_seconds: 0,
          wait_max_seconds: 0,
          replica_hours: 0.001667,
          actions: 0,
          cost: 6,
          unserved: 0,
        },
      ],
    ]);
  });

  it('prints a table that begins with what was simulated', async () => {
    const { out } = await run(`--trace a.csv ${SYSTEM} --skip-seconds 1`, TRACE);
    expect(out).toBe(`6 requests in 3 s (mean 2.00/s), scored from second 1
1 to 5 replicas of 1 requests/s, ready 1 s after launch

policy   wait p50    p99    max  replica-hours  actions  cost  unserved
default     0.0 s  0.3 s  0.3 s           0.00        0     -         0
`);
  });

  it('writes the timeline and the chart', async () => {
    const { written } = await run(`--trace a.csv ${SYSTEM} --shift 1 --timeline t.csv --chart c.svg`, TRACE);
    expect(written['t.csv']).toBe(`policy,second,desired,ready,queued
default,0,3,1,0
default,1,3,3,0
default,2,3,3,0
default,3,3,3,0
`);
    expect(written['c.svg']).toMatch(/^<svg /);
  });

  it('takes the rate of a replica from the trace itself, delayed or not', async () => {
    const plain = await run('--trace a.csv --startup-seconds 1 --per-replica mean/4', TRACE);
    const delayed = await run('--trace a.csv --startup-seconds 1 --per-replica mean/4 --shift 9', TRACE);
    expect([plain.out, delayed.out]).toEqual([
      expect.stringContaining('replicas of 0.5 requests/s'),
      expect.stringContaining('replicas of 0.5 requests/s'),
    ]);
  });

  it('runs on a generated load without a file', async () => {
    const { code, out } = await run(
      '--generate bursty --seconds 300 --policy hpa --startup-seconds 9 --per-replica mean/4',
    );
    expect([code, out]).toEqual([0, expect.stringMatching(/requests in 300 s[\s\S]*\nhpa {2}/)]);
  });

  it('helps', async () => {
    const { code, out } = await run('--help');
    expect([code, out]).toEqual([0, expect.stringContaining('forebay-scaler simulate --generate flash')]);
  });

  it.each([
    [`--trace b.csv ${SYSTEM}`, "--trace b.csv: ENOENT: no such file, open 'b.csv'"],
    [
      `--trace bad.csv ${SYSTEM}`,
      '--trace bad.csv: line 2: expected two whole numbers "second,requests", got "x"',
    ],
    [`--trace a.csv ${SYSTEM} --skip-seconds 3`, "--skip-seconds must be below the trace's 3 s, got 3"],
    [`--trace a.csv ${SYSTEM} --policy nope.yaml`, '--policy nope.yaml: no such file'],
    [
      `--trace a.csv ${SYSTEM} --policy fixed:x`,
      '--policy fixed:x: fixed:N needs a whole number N from 0, got "x"',
    ],
    [`--trace a.csv ${SYSTEM} --policy fixed:6`, '--policy fixed:6 must be within --min 1 and --max 5'],
    [
      `--trace a.csv ${SYSTEM} --timeline /nowhere/t.csv`,
      "--timeline /nowhere/t.csv: ENOENT: no such file, open '/nowhere/t.csv'",
    ],
    [
      '--trace none.csv --startup-seconds 1 --per-replica mean/4',
      '--per-replica mean/4 needs a trace with requests',
    ],
    [`--trace a.csv ${SYSTEM} --max 0`, '--max must be a whole number from 1 to 10000, got "0"'],
  ])('ends with 2 on %s', async (line, message) => {
    const files = { ...TRACE, 'bad.csv': 'second,requests\nx', 'none.csv': 'second,requests\n0,0' };
    expect(await run(line, files)).toEqual({
      code: 2,
      out: '',
      err: `forebay-scaler simulate: ${message}\nTry forebay-scaler simulate --help\n`,
      written: {},
    });
  });
});
