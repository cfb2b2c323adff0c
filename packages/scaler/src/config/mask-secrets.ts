/** Hides user names and passwords in the URLs of a text: `http://:key@gateway` becomes `http://****@gateway`. */
export function maskUrlSecrets(text: string): string {
  return text.replaceAll(/(\/\/)[^/\s@,]*@/g, '$1****@');
}
