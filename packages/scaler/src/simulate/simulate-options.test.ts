import { describe, expect, it } from 'vitest';
import { parseSimulateOptions } from './simulate-options.ts';

const parse = (line: string) => parseSimulateOptions(line.split(' '));
const NEEDED = '--per-replica 5 --startup-seconds 60';

describe('parseSimulateOptions', () => {
  it('fills in defaults', () => {
    expect(parse(`--trace a.csv ${NEEDED}`)).toEqual({
      kind: 'run',
      options: {
        load: { kind: 'file', path: 'a.csv' },
        policies: ['default'],
        startupSeconds: 60,
        perReplica: { requestsPerSecond: 5 },
        min: 2,
        initial: 2,
        max: 10,
        skipSeconds: 0,
        shiftSeconds: 0,
        json: false,
      },
    });
  });

  it('takes everything', () => {
    const line =
      '--generate bulk --seed 9 --mean 2.5 --seconds 900 --policy hpa --policy my.yaml --startup-seconds 12.5 --per-replica mean/4 ' +
      '--min 0 --initial 3 --max 20 --skip-seconds 600 --shift 7 --price-per-hour 0.17 --timeline t.csv --chart c.svg --json';
    expect(parse(line)).toEqual({
      kind: 'run',
      options: {
        load: { kind: 'generated', name: 'bulk', seed: 9, mean: 2.5, seconds: 900 },
        policies: ['hpa', 'my.yaml'],
        startupSeconds: 12.5,
        perReplica: { meanOver: 4 },
        min: 0,
        initial: 3,
        max: 20,
        skipSeconds: 600,
        shiftSeconds: 7,
        pricePerHour: 0.17,
        timelinePath: 't.csv',
        chartPath: 'c.svg',
        json: true,
      },
    });
  });

  it.each(['--help', '-h', `--trace a.csv ${NEEDED} --help`])('helps on %s', (line) => {
    expect(parse(line)).toEqual({ kind: 'help' });
  });

  it.each([
    [NEEDED, '--trace FILE.csv (or --generate NAME) is missing'],
    ['--trace a.csv --startup-seconds 60', '--per-replica is missing'],
    ['--trace a.csv --per-replica 5', '--startup-seconds is missing'],
    [`--trace a.csv --generate bulk ${NEEDED}`, 'give --trace or --generate, not both'],
    [`--trace a.csv --seed 3 ${NEEDED}`, '--seed goes with --generate, not with --trace'],
    [`--generate weekly ${NEEDED}`, '--generate must be one of diurnal, bursty, bulk, flash, got "weekly"'],
    [`--generate bulk --seed x ${NEEDED}`, '--seed must be a whole number from 0 to 4294967295, got "x"'],
    [`--generate bulk --seconds 5 ${NEEDED}`, '--seconds must be a whole number from 60 to 2678400, got "5"'],
    [`--trace a.csv ${NEEDED} --min -1`, '--min must be a whole number from 0 to 10000, got "-1"'],
    [`--trace a.csv ${NEEDED} --min 5 --max 4`, '--max must be a whole number from 5 to 10000, got "4"'],
    [`--trace a.csv ${NEEDED} --max 0 --min 0`, '--max must be a whole number from 1 to 10000, got "0"'],
    [`--trace a.csv ${NEEDED} --initial 11`, '--initial must be a whole number from 2 to 10, got "11"'],
    [
      `--trace a.csv ${NEEDED} --skip-seconds 1.5`,
      '--skip-seconds must be a whole number from 0 to 86400, got "1.5"',
    ],
    [
      '--trace a.csv --startup-seconds 60 --per-replica 0',
      '--per-replica must be a number from 0.000001 to 1000000000, got "0"',
    ],
    [
      '--trace a.csv --startup-seconds 60 --per-replica mean/0',
      '--per-replica mean/N needs an N from 0.001 to 10000, got "0"',
    ],
    [
      '--trace a.csv --startup-seconds -2 --per-replica 1',
      '--startup-seconds must be a number from 0 to 86400, got "-2"',
    ],
    [
      `--trace a.csv ${NEEDED} --price-per-hour free`,
      '--price-per-hour must be a number from 0 to 1000000, got "free"',
    ],
    [`--trace a.csv ${NEEDED} --polcy hpa`, "Unknown option '--polcy'"],
  ])('refuses %s', (line, message) => {
    expect(parse(line)).toEqual({ kind: 'problem', message: expect.stringContaining(message) });
  });
});
