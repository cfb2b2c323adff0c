import { ScalerError } from '../errors.ts';

/** Where gateways are to be found. */
export type GatewayTarget =
  /** The URL of one gateway's `/metrics`. */
  | { readonly kind: 'gateway'; readonly url: string }
  /** One gateway at each address of `host`; `url` has the name in it. */
  | { readonly kind: 'name'; readonly url: string; readonly host: string };

/**
 * Reads the value of `GATEWAY_URL`: gateways with commas between. `dns+http://gateway:8080` stands for every address behind the
 * name: through one name each scrape would reach another gateway, and none would ever be seen whole.
 *
 * @throws ScalerError `SCALER_CONFIG` naming the entry
 * @example
 * parseGatewayTargets('http://127.0.0.1:8080'); // [{ kind: 'gateway', url: 'http://127.0.0.1:8080/metrics' }]
 */
export function parseGatewayTargets(text: string): readonly GatewayTarget[] {
  const entries = text.split(',').map((entry) => entry.trim());
  const targets = entries.filter((entry) => entry !== '').map(parseTarget);
  if (targets.length === 0) throw new ScalerError('SCALER_CONFIG', 'GATEWAY_URL names no gateway');
  const repeated = targets.find(
    ({ kind, url }, i) => targets.findIndex((other) => other.kind === kind && other.url === url) < i,
  );
  if (repeated) throw new ScalerError('SCALER_CONFIG', `GATEWAY_URL names ${repeated.url} twice`);
  return targets;
}

/** The gateway at one address of a name. */
export function gatewayAtAddress({ url }: { readonly url: string }, address: string): string {
  const at = new URL(url);
  at.hostname = address.includes(':') ? `[${address}]` : address;
  return at.href;
}

function parseTarget(entry: string, index: number): GatewayTarget {
  const isName = entry.startsWith('dns+');
  const bare = isName ? entry.slice('dns+'.length) : entry;
  const url = URL.canParse(bare) ? new URL(bare) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw invalid(index, 'must be like http://gateway:8080 or dns+http://gateway:8080');
  }
  if (url.username !== '' || url.password !== '') {
    throw invalid(index, 'must not carry credentials: /metrics is open');
  }
  if (url.search !== '' || url.hash !== '') throw invalid(index, 'must have neither query nor fragment');
  const path = url.pathname.replace(/\/+$/, '');
  url.pathname = path.endsWith('/metrics') ? path : `${path}/metrics`;
  return isName ? { kind: 'name', url: url.href, host: url.hostname } : { kind: 'gateway', url: url.href };
}

/** The entry is not repeated: there may be a password in it. */
function invalid(index: number, what: string): ScalerError {
  return new ScalerError('SCALER_CONFIG', `GATEWAY_URL: entry ${index + 1} ${what}`);
}
