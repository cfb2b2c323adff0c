const MAX_MESSAGE_CHARS = 300;

/** At most 300 characters, well-formed, on one line. */
export function shorten(message: string): string {
  // Twice the length is enough to look at: white space shrinks, and messages of megabytes exist.
  const line = message
    .slice(0, 2 * MAX_MESSAGE_CHARS)
    .replace(/\s+/g, ' ')
    .trim();
  const short = line.length > MAX_MESSAGE_CHARS ? `${line.slice(0, MAX_MESSAGE_CHARS - 1)}…` : line;
  return short.toWellFormed();
}

/** The beginning of a body as text, enough for `shorten`. */
export function textOf(body: Buffer): string {
  // A character of UTF-8 takes at most 4 bytes.
  return body.toString('utf8', 0, 4 * MAX_MESSAGE_CHARS);
}
