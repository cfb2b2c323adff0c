import { badAnswer } from './bad-answer.ts';
import { cutVectors, vectorAt } from './cut-vectors.ts';
import type { BatchOutcome, WireResponse } from './protocol.ts';

/** Reads `[[…],[…]]`, one list for each text in their order: the answer of DJL and of TEI. */
export function readVectorList(response: WireResponse, count: number): BatchOutcome {
  const cut = cutVectors(response.body);
  const items = cut?.skeleton;
  if (cut === undefined || !Array.isArray(items)) return badAnswer(response, count);
  const stranger = items.findIndex((item) => vectorAt(cut, item) === undefined);
  if (stranger !== -1) return badAnswer(response, count, `item ${stranger} of the list is none`);
  if (items.length !== count) return badAnswer(response, count, `got ${items.length}`);
  return { kind: 'vectors', vectors: cut.vectors };
}
