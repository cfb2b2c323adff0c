/**
 * The headers of every batch, and the only ones: DJL embeds the JSON source text itself unless the type is
 * exactly this, and takes other request headers for properties of the input.
 */
export const jsonHeaders: Readonly<Record<string, string>> = Object.freeze({
  'content-type': 'application/json',
});
