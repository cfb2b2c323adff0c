import fc from 'fast-check';
import { oddBytes, type SentBody, soundBytes } from './body-bytes.ts';
import type { FramedCase, FuzzCase } from './fuzz-case.ts';
import { garbageOf } from './garbage.ts';
import { type FuzzedDialect, oddBody, soundBody } from './json-bodies.ts';
import { contentType, type Header, oddHeader } from './odd-headers.ts';
import { method, oddTarget, TARGETS } from './odd-targets.ts';

interface Rest {
  readonly method: string;
  readonly target: string;
  readonly dialect: FuzzedDialect | undefined;
  readonly contentType: string;
  readonly headers: readonly Header[];
  readonly sound: boolean;
}

function framed(sent: SentBody, framing: 'length' | 'chunked', rest: Rest): FramedCase {
  const { contentType: type, headers, ...more } = rest;
  const coding: readonly Header[] = sent.encoding === undefined ? [] : [['content-encoding', sent.encoding]];
  return {
    kind: 'framed',
    framing,
    body: sent.bytes,
    headers: [['content-type', type], ...coding, ...headers],
    ...more,
  };
}

const framing = fc.constantFrom('length', 'length', 'length', 'chunked');
const JSON_TYPE = fc.constant('application/json');
const NO_HEADERS = fc.constant<readonly Header[]>([]);
const headers = fc.array(oddHeader, { maxLength: 3 });

const route = fc.constantFrom(...TARGETS);

const sound = route.chain(([dialect, target]) =>
  fc.tuple(soundBody(dialect).chain(soundBytes), framing).map(([sent, how]) =>
    framed(sent, how, {
      method: 'POST',
      target,
      dialect,
      contentType: 'application/json',
      headers: [],
      sound: true,
    }),
  ),
);

const oddBodyCase = route.chain(([dialect, target]) =>
  fc
    .tuple(oddBody(dialect).chain(oddBytes), framing, contentType, fc.oneof(NO_HEADERS, NO_HEADERS, headers))
    .map(([sent, how, type, more]) =>
      framed(sent, how, { method: 'POST', target, dialect, contentType: type, headers: more, sound: false }),
    ),
);

const oddHeadersCase = route.chain(([dialect, target]) =>
  fc
    .tuple(soundBody(dialect).chain(soundBytes), framing, fc.oneof(JSON_TYPE, contentType), headers)
    .map(([sent, how, type, more]) =>
      framed(sent, how, { method: 'POST', target, dialect, contentType: type, headers: more, sound: false }),
    ),
);

const oddTargetCase = fc
  .tuple(
    soundBody('djl').chain(soundBytes),
    method,
    fc.oneof(
      oddTarget,
      oddTarget,
      route.map(([, path]) => path),
    ),
  )
  .map(([sent, verb, target]) => {
    const found = TARGETS.find(([, path]) => path === target)?.[0];
    return framed(sent, 'length', {
      method: verb,
      target,
      dialect: found,
      contentType: 'application/json',
      headers: [],
      sound: false,
    });
  });

const FRAMED = fc.oneof(
  { weight: 2, arbitrary: sound },
  { weight: 8, arbitrary: oddBodyCase },
  { weight: 3, arbitrary: oddHeadersCase },
  { weight: 3, arbitrary: oddTargetCase },
);

/** Any request that the fuzz sends. */
export const fuzzCases: fc.Arbitrary<FuzzCase> = fc.oneof(
  { weight: 30, arbitrary: FRAMED },
  { weight: 1, arbitrary: garbageOf(FRAMED, sound) },
);
