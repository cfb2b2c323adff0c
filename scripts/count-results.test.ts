import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('count-results.mjs', import.meta.url));

type Status = 'passed' | 'failed' | 'skipped';

/** As vitest reports a run: of each file whether it went well as a whole, and what became of its tests. */
function report(success: boolean, files: readonly (readonly [Status, readonly Status[]])[]): string {
  const count = (status: Status) =>
    files.flatMap(([, tests]) => tests).filter((each) => each === status).length;
  return JSON.stringify({
    success,
    numPassedTests: count('passed'),
    numFailedTests: count('failed'),
    numPendingTests: count('skipped'),
    numTodoTests: 0,
    testResults: files.map(([status, tests], index) => ({
      name: join(process.cwd(), `some/${index}.test.ts`),
      message: tests.length === 0 ? 'no such module' : '',
      status,
      assertionResults: tests.map((each) => ({
        fullName: `adds ${each}`,
        status: each,
        failureMessages: each === 'failed' ? ['expected 2 to be 3\n    at some line'] : [],
      })),
    })),
  });
}

/** What it prints and exits with when this is the one report. */
function countOf(text: string): { readonly lines: readonly string[]; readonly status: number | null } {
  const folder = mkdtempSync(join(tmpdir(), 'forebay-count-'));
  try {
    writeFileSync(join(folder, 'unit.json'), text);
    const { stdout, status } = spawnSync(process.execPath, [SCRIPT, folder], { encoding: 'utf8' });
    return { lines: stdout.trim().split('\n'), status };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

it.each<[string, string, string, number]>([
  ['tests', report(false, [['failed', ['passed', 'failed', 'skipped']]]), '1 passed, 1 failed, 1 skipped', 1],
  [
    'a suite that is skipped',
    report(true, [
      ['passed', ['skipped']],
      ['passed', ['passed']],
    ]),
    '1 passed, 0 failed, 1 skipped',
    0,
  ],
  [
    'a file that could not be loaded',
    report(false, [
      ['failed', []],
      ['passed', ['passed']],
    ]),
    '1 passed, 1 failed, 0 skipped',
    1,
  ],
  [
    'a suite that could not begin, whose tests show as skipped',
    report(false, [
      ['failed', ['skipped', 'skipped']],
      ['passed', ['passed']],
    ]),
    '1 passed, 1 failed, 2 skipped',
    1,
  ],
  ['an error outside of tests', report(false, [['passed', ['passed']]]), '1 passed, 1 failed, 0 skipped', 1],
])('counts %s', (_, text, line, exitCode) => {
  const { lines, status } = countOf(text);
  expect({ line: lines.at(-1), status }).toEqual({ line, status: exitCode });
});

it.each([
  [
    report(false, [['failed', ['passed', 'failed']]]),
    'failed: some/0.test.ts: adds failed: expected 2 to be 3',
  ],
  [
    report(false, [
      ['passed', ['passed']],
      ['failed', []],
    ]),
    'failed: some/1.test.ts: no such module',
  ],
  [report(false, [['passed', ['passed']]]), 'failed: unit.json: an error outside of all tests'],
])('names what failed before it counts (%#)', (text, line) => {
  expect(countOf(text).lines.slice(0, -1)).toEqual([line]);
});

it('names nothing when nothing failed', () => {
  expect(countOf(report(true, [['passed', ['passed']]])).lines).toEqual(['1 passed, 0 failed, 0 skipped']);
});
