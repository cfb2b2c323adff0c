import { expect, it } from 'vitest';
import { describeModel, listModels, type ModelState, reportHealth } from './model-report.ts';

const state = (changes: Partial<ModelState> = {}): ModelState => ({
  phase: 'serving',
  workers: 2,
  maxWorkers: 2,
  maxQueuedRequests: 1000,
  queuedRequests: 3,
  maxRunTexts: 16,
  ...changes,
});

it.each([
  ['serving', state(), 200, 'Healthy'],
  ['loading', state({ phase: 'loading', workers: 0 }), 503, 'PENDING'],
  ['without a worker', state({ workers: 0 }), 503, 'Unhealthy'],
  ['stopping', state({ phase: 'stopping' }), 503, 'Unhealthy'],
])('answers /ping while %s', (_, given, status, health) => {
  expect(reportHealth(given)).toEqual({ status, body: { 'all-MiniLM-L6-v2': { status: health } } });
});

it('lists the one model', () => {
  expect(listModels(state())).toMatchObject({
    status: 200,
    body: { models: [{ modelName: 'all-MiniLM-L6-v2', status: 'READY' }] },
  });
});

it('describes queue and workers as DJL Serving does', () => {
  const began = '2026-01-01T00:00:00.000Z';
  expect(describeModel(state(), began).body).toMatchObject([
    {
      models: [
        {
          queueSize: 1000,
          requestInQueue: 3,
          status: 'READY',
          workerGroups: [
            {
              minWorkers: 2,
              maxWorkers: 2,
              workers: [
                { id: 1, startTime: began, status: 'READY' },
                { id: 2, startTime: began, status: 'READY' },
              ],
            },
          ],
        },
      ],
    },
  ]);
});
