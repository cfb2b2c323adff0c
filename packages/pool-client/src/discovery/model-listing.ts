import { z } from 'zod';
import type { ProtocolName } from '../protocol/protocol.ts';

/** One page of the models that a server lists, or why it is none. */
export type ModelListing =
  | { readonly kind: 'models'; readonly models: readonly string[]; readonly nextPage?: string }
  | { readonly kind: 'bad'; readonly problem: string };

/** What to append to a server's base path to ask which models it serves; `page` is DJL's token of a further page. */
export function listingPath(protocol: ProtocolName, page?: string): string {
  if (protocol === 'tei') return '/info';
  const query = page === undefined ? '' : `?next_page_token=${encodeURIComponent(page)}`;
  return `/models${query}`;
}

/** Reads the answer to {@link listingPath}; several versions of a model are one model. */
export function parseListing(protocol: ProtocolName, body: string): ModelListing {
  const json = parseJson(body);
  if (json === undefined) return { kind: 'bad', problem: 'did not answer with JSON' };
  switch (protocol) {
    case 'djl': {
      const parsed = djlSchema.safeParse(json);
      if (!parsed.success) return misshapen('{"models": [{"modelName": …}]}');
      const next = parsed.data.nextPageToken;
      const models = distinct(parsed.data.models.map((model) => model.modelName));
      return { kind: 'models', models, ...(next != null && { nextPage: String(next) }) };
    }
    case 'openai': {
      const parsed = openaiSchema.safeParse(json);
      if (!parsed.success) return misshapen('{"data": [{"id": …}]}');
      return { kind: 'models', models: distinct(parsed.data.data.map((model) => model.id)) };
    }
    case 'tei': {
      const parsed = teiSchema.safeParse(json);
      return parsed.success
        ? { kind: 'models', models: [parsed.data.model_id] }
        : misshapen('{"model_id": …}');
    }
  }
}

const name = z.string().regex(/^\P{Cc}{1,256}$/u);
const djlSchema = z.object({
  models: z.array(z.object({ modelName: name })),
  nextPageToken: z.union([z.string(), z.number()]).nullish(),
});
const openaiSchema = z.object({ data: z.array(z.object({ id: name })) });
const teiSchema = z.object({ model_id: name });

function distinct(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}

function misshapen(shape: string): ModelListing {
  return { kind: 'bad', problem: `did not answer with ${shape}` };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // JSON has no `undefined`, so it stands for "not JSON".
    return undefined;
  }
}
