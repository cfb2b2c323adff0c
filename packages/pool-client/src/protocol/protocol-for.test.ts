import { expect, it } from 'vitest';
import { protocolFor } from './protocol-for.ts';

it.each(['djl', 'openai', 'tei'] as const)('knows %s', (name) => {
  expect(protocolFor(name).name).toBe(name);
});
