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
    testResults: files.map(([status, tests]) => ({
      status,
      assertionResults: tests.map((each) => ({ status: each })),
    })),
  });
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
  const folder = mkdtempSync(join(tmpdir(), 'forebay-count-'));
  try {
    writeFileSync(join(folder, 'unit.json'), text);
    const { stdout, status } = spawnSync(process.execPath, [SCRIPT, folder], { encoding: 'utf8' });
    expect({ line: stdout.trim(), status }).toEqual({ line, status: exitCode });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
