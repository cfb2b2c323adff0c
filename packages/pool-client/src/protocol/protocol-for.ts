import { djl } from './djl.ts';
import { openai } from './openai.ts';
import type { Protocol, ProtocolName } from './protocol.ts';
import { tei } from './tei.ts';

/** The shipped protocol of that name. */
export function protocolFor(name: ProtocolName): Protocol {
  switch (name) {
    case 'djl':
      return djl;
    case 'openai':
      return openai;
    case 'tei':
      return tei;
  }
}
