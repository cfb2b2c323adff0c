import { expect, it } from 'vitest';
import { decisionLogger, makeLogger } from './log.ts';
import { decision } from './store/store-contract.test-support.ts';
import type { Decision } from './values/decision.ts';

/** Level and message of each line that these decisions leave. */
function linesOf(...decisions: readonly Decision[]) {
  const lines: { readonly level: number; readonly msg: string }[] = [];
  const logDecision = decisionLogger(
    makeLogger('debug', { write: (line) => void lines.push(JSON.parse(line)) }),
  );
  for (const each of decisions) logDecision(each);
  return lines;
}

const [DEBUG, INFO] = [20, 30];
const short = (lines: ReturnType<typeof linesOf>) => lines.map(({ level, msg }) => [level, msg]);

it('says a change as document 004 does, with the decision’s record', () => {
  const reason = 'Scaling up based on cpu-based-scaling';
  expect(linesOf(decision({ reason }))).toEqual([
    {
      level: INFO,
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      msg: 'Scaling from 2 to 3 instances: Scaling up based on cpu-based-scaling',
      group: 'default',
      scaling_needed: true,
      current_instances: 2,
      target_instances: 3,
      ready_instances: 2,
      starting_instances: 0,
      draining_instances: 0,
      wanted_instances: 3,
      reason,
      votes: expect.any(Array),
      limits: [expect.objectContaining({ name: 'max', because: 'max is 3' })],
      signals: expect.objectContaining({ cpu_percent: { kind: 'value', value: 93.5, age_seconds: 2 } }),
      decided_at: '2027-01-15T08:00:00.000Z',
      dry_run: false,
    },
  ]);
});

it('says a tick without a change at debug', () => {
  expect(short(linesOf(decision({ target: 2, reason: 'within tolerance' })))).toEqual([
    [DEBUG, 'Staying at 2 instances: within tolerance'],
  ]);
});

it('says once what a dry run would do, and again when it is something else', () => {
  const would = (target: number) => decision({ target, dryRun: true, reason: 'because' });
  expect(short(linesOf(would(3), would(3), would(4), would(2), would(4)))).toEqual([
    [INFO, 'Dry run, not scaling from 2 to 3 instances: because'],
    [DEBUG, 'Dry run, not scaling from 2 to 3 instances: because'],
    [INFO, 'Dry run, not scaling from 2 to 4 instances: because'],
    [DEBUG, 'Staying at 2 instances: because'],
    [INFO, 'Dry run, not scaling from 2 to 4 instances: because'],
  ]);
});

it('says of an error its code, message, causes and place, and nothing that it carries', () => {
  const lines: string[] = [];
  const cause = new Error('connection refused', { cause: new Error('ECONNREFUSED') });
  const error = Object.assign(new RangeError('no answer', { cause }), {
    code: 'E',
    request: { token: 'secret' },
  });
  makeLogger('info', { write: (line) => void lines.push(line) }).error({ err: error }, 'oops');
  expect(lines.join('')).not.toContain('secret');
  expect(JSON.parse(lines.join(''))).toMatchObject({
    msg: 'oops',
    err: {
      type: 'RangeError',
      code: 'E',
      message: 'no answer',
      causes: ['connection refused', 'ECONNREFUSED'],
      stack: expect.arrayContaining([expect.stringMatching(/^at .*log\.test\.ts/)]),
    },
  });
});

it('doesn’t show what is thrown and no error', () => {
  const lines: string[] = [];
  makeLogger('info', { write: (line) => void lines.push(line) }).error({ err: 'secret' }, 'oops');
  expect(lines.join('')).not.toContain('secret');
});
