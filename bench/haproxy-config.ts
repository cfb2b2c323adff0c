/** A model server behind a proxy. */
export interface Upstream {
  readonly djlUrl: string;
  /** Its share of the connections beside the others'. @default 1 */
  readonly weight?: number;
}

/**
 * HAProxy with `leastconn`, set up for many callers that keep their connections: every connection to a server is
 * used again by whoever comes next, and kept while it is idle.
 */
export function haproxyConfig(port: number, upstreams: readonly Upstream[]): string {
  const servers = upstreams.map(
    ({ djlUrl, weight = 1 }, i) =>
      `    server djl-${i + 1} ${new URL(djlUrl).host} weight ${weight} pool-purge-delay 60s`,
  );
  return `global
    # How many connections it takes follows from the limit of open files.

defaults
    mode http
    option http-keep-alive
    http-reuse always
    timeout connect 5s
    timeout client 75s
    timeout server 60s
    timeout queue 60s

frontend callers
    bind 127.0.0.1:${port} backlog 4096
    default_backend djl

backend djl
    balance leastconn
${servers.join('\n')}
`;
}
