import { describe, expect, it } from 'vitest';
import { djlModels, djlPing } from './djl-status.ts';
import { openaiModels } from './openai-models.ts';
import type { ServedModel } from './served-model.ts';
import { teiHealth, teiInfo } from './tei-status.ts';

const models: readonly ServedModel[] = [
  { name: 'all-MiniLM-L6-v2', status: 'Healthy' },
  { name: 'org/e5', status: 'PENDING' },
];

describe('what the gateway says of itself', () => {
  it('lists models as DJL does', () => {
    const { status, body } = djlModels(models);
    expect([status, JSON.parse(body)]).toEqual([
      200,
      {
        models: [
          { modelName: 'all-MiniLM-L6-v2', modelUrl: '/predictions/all-MiniLM-L6-v2', status: 'Healthy' },
          { modelName: 'org/e5', modelUrl: '/predictions/org%2Fe5', status: 'PENDING' },
        ],
      },
    ]);
  });

  it.each([
    [true, 200],
    [false, 503],
  ])('answers a ping with each model’s status (ready %s: %i)', (ready, status) => {
    const ping = djlPing(models, ready);
    expect([ping.status, JSON.parse(ping.body)]).toEqual([
      status,
      { 'all-MiniLM-L6-v2': { status: 'Healthy' }, 'org/e5': { status: 'PENDING' } },
    ]);
  });

  it('lists models as OpenAI does', () => {
    expect(JSON.parse(openaiModels(models, 1_700_000_000).body)).toEqual({
      object: 'list',
      data: [
        { id: 'all-MiniLM-L6-v2', object: 'model', created: 1_700_000_000, owned_by: 'forebay' },
        { id: 'org/e5', object: 'model', created: 1_700_000_000, owned_by: 'forebay' },
      ],
    });
  });

  it.each([
    ['the first model', models, 'all-MiniLM-L6-v2'],
    ['null before any is known', [], null],
  ])('tells TEI’s info with %s', (_name, served, modelId) => {
    const { body } = teiInfo({
      models: served,
      maxRequestChunks: 10_000,
      maxInputTokens: 128,
      version: '0.1.0',
    });
    expect(JSON.parse(body)).toEqual({
      model_id: modelId,
      model_ids: served.map(({ name }) => name),
      model_sha: null,
      max_client_batch_size: 10_000,
      max_input_length: 128,
      auto_truncate: true,
      version: '0.1.0',
      docker_label: null,
    });
  });

  it('answers TEI’s health with 200, or 503 in TEI’s words', () => {
    expect(teiHealth(true)).toEqual({ status: 200, headers: {}, body: '' });
    expect([teiHealth(false).status, JSON.parse(teiHealth(false).body).error_type]).toEqual([
      503,
      'Unavailable',
    ]);
  });
});
