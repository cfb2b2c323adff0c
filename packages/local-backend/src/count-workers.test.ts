import { expect, it } from 'vitest';
import { countWorkers } from './count-workers.ts';

const GIB = 1024 ** 3;

it.each([
  ['the wish', { maxWorkers: 2, workerBytes: GIB, cpus: 8, memoryBytes: 8 * GIB }, 2, 'MAX_WORKERS'],
  ['CPUs', { maxWorkers: 9, workerBytes: GIB, cpus: 2.5, memoryBytes: 8 * GIB }, 2, '2.5 CPUs'],
  [
    'memory',
    { maxWorkers: 8, workerBytes: 8 * GIB, cpus: 16, memoryBytes: 32 * GIB },
    4,
    '32768 MiB of memory at 8192 MiB each',
  ],
  [
    'the floor of one',
    { maxWorkers: Number.POSITIVE_INFINITY, workerBytes: GIB, cpus: 0.5, memoryBytes: GIB },
    1,
    '0.5 CPUs',
  ],
])('is bounded by %s', (_, bounds, workers, workersBound) => {
  expect(countWorkers(bounds)).toEqual({ workers, workersBound });
});
