import { describe, expect, it } from 'vitest';
import { dialectOfPath, embeddingPath } from './embedding-path.ts';

describe('embeddingPath', () => {
  it.each([
    ['/predictions/m', 'djl', 'm'],
    ['/predictions/m/', 'djl', 'm'],
    ['/predictions/all-MiniLM-L6-v2', 'djl', 'all-MiniLM-L6-v2'],
    ['/predictions/m/1', 'djl', 'm'],
    ['/predictions/m/1.0.2-rc', 'djl', 'm'],
    ['/predictions/m/v2/', 'djl', 'm'],
    ['/predictions/org/m', 'djl', 'org/m'],
    ['/predictions/org/all-MiniLM-L6-v2/', 'djl', 'org/all-MiniLM-L6-v2'],
    ['/predictions/org%2Fm', 'djl', 'org/m'],
    ['/predictions/a%20b', 'djl', 'a b'],
    ['/predictions/%zz', 'djl', '%zz'],
    ['/models/m/invoke', 'djl', 'm'],
    ['/models/org/m/invoke', 'djl', 'org/m'],
    ['/invocations', 'djl', undefined],
    ['/invocations/', 'djl', undefined],
    ['/v1/embeddings', 'openai', undefined],
    ['/embeddings', 'openai', undefined],
    ['/embed', 'tei', undefined],
  ])('reads %s as %s with the model %s', (path, dialect, pathModel) => {
    expect(embeddingPath(path)).toEqual({ dialect, pathModel });
  });

  it.each([
    '/',
    '',
    '/predictions',
    '/predictions/',
    '/predictions//m',
    '/predictions/a/b/c',
    '/models',
    '/models/m',
    '/constructor',
    '/v1/models',
    '/V1/embeddings',
    '/admin/backends',
  ])('knows that %j is none', (path) => {
    expect(embeddingPath(path)).toBeUndefined();
  });
});

describe('dialectOfPath', () => {
  it.each([
    ['/v1/models', 'openai'],
    ['/v1/anything', 'openai'],
    ['/v11', 'djl'],
    ['/info', 'tei'],
    ['/health', 'tei'],
    ['/ping', 'djl'],
    ['/admin/backends', 'djl'],
    ['/', 'djl'],
  ])('answers %s as %s does', (path, dialect) => {
    expect(dialectOfPath(path)).toBe(dialect);
  });
});
