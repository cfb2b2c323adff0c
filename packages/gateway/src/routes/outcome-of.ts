import { type JobAnswer, toNumbers } from '@forebay/pool-client';
import { gatewayErrorOf } from '../admission/pool-error.ts';
import { checkDimensions } from '../dialects/check-dimensions.ts';
import type { Dialect, ParsedRequest, RenderedAnswer } from '../dialects/dialect.ts';
import type { GatewayError } from '../errors.ts';
import type { CountTokens } from '../usage.ts';

/** What a request came to. */
export type Outcome =
  | { readonly kind: 'answer'; readonly rendered: RenderedAnswer; readonly answer: JobAnswer }
  | { readonly kind: 'error'; readonly error: GatewayError };

export interface OutcomeRules {
  /** Whether what failed is left out of the answer as long as there is a vector in it; else any failure is the request's. */
  readonly partial: boolean;
  /** Asked for OpenAI callers only. */
  readonly countTokens: CountTokens;
}

/** The answer in the caller's words to a request of these texts, or why there is none. */
export function outcomeOf(
  dialect: Dialect,
  parsed: ParsedRequest,
  answer: JobAnswer,
  { partial, countTokens }: OutcomeRules,
): Outcome {
  const { vectors, failures } = answer;
  const [failure] = failures;
  if (failure && !(partial && failures.length < vectors.length)) {
    // An error that took all open chunks along says itself which one it is about.
    return { kind: 'error', error: gatewayErrorOf(failure.error, failure.error.failedIndices[0]) };
  }
  const wrong = parsed.dimensions === undefined ? undefined : checkDimensions(parsed, dimensionsOf(answer));
  if (wrong) return { kind: 'error', error: wrong };
  const rendered = dialect.render({
    vectors,
    model: parsed.model ?? '',
    shape: parsed.shape,
    encoding: parsed.encoding,
    ...(failure && {
      failures: failures.map(({ index, error }) => ({ index, error: gatewayErrorOf(error, index) })),
    }),
    ...(dialect.name === 'openai' && { usage: countTokens(parsed.texts) }),
  });
  return { kind: 'answer', rendered, answer };
}

function dimensionsOf({ vectors }: JobAnswer): number {
  const first = vectors.find((vector) => vector !== undefined);
  return first ? toNumbers(first).length : 0;
}
