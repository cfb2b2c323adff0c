/** Where a copy of an `nginx.conf` is to listen, whom it balances over, and where it may write. */
export interface NginxPlace {
  readonly port: number;
  /** `host:port` of each server, with parameters of its own after a blank, like `weight=6`. */
  readonly servers: readonly string[];
  /** An absolute path of a folder that exists. */
  readonly folder: string;
}

/**
 * A copy of an `nginx.conf` that runs here, changed in three places and nowhere else: the `server` lines of its upstreams (the first
 * one's parameters are kept for every server), the address in its `listen`, and the temporary folders, which are put into `folder`.
 * Throws when one of the places is missing or `listen` stands there twice.
 */
export function localNginxConfig(config: string, place: NginxPlace): string {
  const withServers = replaceOnce(
    config,
    UPSTREAM_SERVERS,
    'a server line in an upstream',
    (_, indent, rest) => place.servers.map((server) => `${indent}server ${server}${rest};\n`).join(''),
  );
  const listening = replaceOnce(
    withServers,
    LISTEN,
    'a listen line',
    (_, indent, parameters) => `${indent}listen 127.0.0.1:${place.port}${parameters};`,
  );
  return replaceOnce(listening, HTTP, 'an http block', (line) => {
    const folders = TEMPORARY.map((name) => `    ${name}_temp_path ${place.folder}/${name};\n`);
    return `${line}${folders.join('')}`;
  });
}

/** One or more lines like `server name:port max_fails=3;`, with only comments and blank lines between; not `server {`. */
const UPSTREAM_SERVERS =
  /^([ \t]*)server[ \t]+[^\s;{]+([^;{\n]*);\n(?:(?:[ \t]*(?:#.*)?\n)*[ \t]*server[ \t]+[^;{\n]+;\n)*/gm;
const LISTEN = /^([ \t]*)listen[ \t]+[^;\s]+([^;\n]*);/gm;
const HTTP = /^http[ \t]*\{\n/gm;
const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];

function replaceOnce(
  text: string,
  pattern: RegExp,
  what: string,
  replacement: (...groups: readonly string[]) => string,
): string {
  const count = text.match(pattern)?.length ?? 0;
  if (count !== 1) throw new Error(`nginx.conf must have ${what} in exactly one place, it has ${count}`);
  return text.replace(pattern, replacement);
}
