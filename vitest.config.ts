import { defineConfig } from 'vitest/config';

// Where CI wants a report to count from; people get vitest's own summary alone.
const report = process.env.FOREBAY_TEST_REPORT;

/** Suites on platforms that are not part of the default run; each installs and starts its own, or skips and says why. */
const rig = (name: string) => ({
  test: {
    name,
    include: [`packages/*/suites/${name}/**/*.test.ts`, `rigs/${name}/**/*.test.ts`],
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});

export default defineConfig({
  test: {
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
    projects: [
      {
        test: {
          name: 'unit',
          // They wait for nothing: two at a time even on two cores, before those whose clocks are real.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          include: [
            'packages/*/src/**/*.test.ts',
            'packages/scaler/suites/**/*.test.ts',
            'bench/**/*.test.ts',
          ],
          exclude: [
            'bench/test/**',
            'packages/scaler/suites/{kill,swarm,kubernetes,moto,prometheus}/**',
            '**/node_modules/**',
          ],
        },
      },
      {
        test: {
          name: 'wire',
          sequence: { groupOrder: 2 },
          include: ['packages/*/test/**/*.test.ts', 'bench/test/**/*.test.ts', 'scripts/**/*.test.ts'],
          exclude: ['scripts/suites/**', '**/node_modules/**'],
          testTimeout: 30_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          name: 'faults',
          include: ['packages/gateway/suites/faults/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          name: 'kill',
          include: ['packages/scaler/suites/kill/**/*.test.ts', 'packages/scaler/test/kill-points.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
      rig('swarm'),
      rig('kubernetes'),
      rig('moto'),
      rig('prometheus'),
      {
        test: {
          name: 'fuzz',
          include: ['packages/*/suites/fuzz/**/*.test.ts'],
          testTimeout: 1_800_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          name: 'scale',
          include: ['scripts/suites/scale/**/*.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'examples',
          include: ['examples/test/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
