/**
 * A text that every embedding model accepts. A backend that refuses it too is sick; one that embeds it was
 * right to refuse the chunk beside it. Short and plain ASCII, so that neither length nor tokenizer can be the
 * reason.
 */
export const controlText = 'The quick brown fox jumps over the lazy dog.';
