/** Hides user names and passwords in the URLs of a text: `http://:key@djl` becomes `http://****@djl`. */
export function maskUrlSecrets(text: string): string {
  return text.replaceAll(/(\/\/)[^/\s@,]*@/g, '$1****@');
}

/** A value that was refused, for a message: JSON, shortened, without secrets. */
export function shownRefused(value: unknown, secret: boolean): string {
  if (secret) return '****';
  const json = maskUrlSecrets(JSON.stringify(value) ?? String(value));
  return json.length > 120 ? `${json.slice(0, 117)}...` : json;
}
