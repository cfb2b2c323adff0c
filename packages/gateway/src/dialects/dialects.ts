import type { Dialect, DialectName } from './dialect.ts';
import { djl } from './djl.ts';
import { openai } from './openai.ts';
import { tei } from './tei.ts';

/** Every dialect by name. */
export const dialects: Readonly<Record<DialectName, Dialect>> = { djl, openai, tei };
