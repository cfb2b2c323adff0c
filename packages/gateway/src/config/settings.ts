import type { GatewayConfig, SettingKey } from './gateway-config.ts';
import {
  bytes,
  choice,
  flag,
  host,
  httpUrl,
  integer,
  list,
  pairs,
  type Setting,
  secret,
  text,
} from './setting-kinds.ts';

const MIB = 2 ** 20;
const DAY_MS = 86_400_000;

/** Every setting of the gateway, in the order of the documentation: what `--help` prints and `loadConfig` reads. */
export const SETTINGS: { readonly [Key in SettingKey]: Setting<GatewayConfig[Key]> } = {
  host: host('127.0.0.1', 'the address to listen on; beyond loopback it takes keys or FOREBAY_ALLOW_OPEN'),
  port: integer(0, 65_535, 8080, 'the port to listen on, 0 for any free one'),
  djlUrls: list(
    'backends like http://djl-1:8080/predictions/all-MiniLM-L6-v2;class=gpu;maxBatch=128',
    'the model servers; dns+http://… stands for every address behind a name',
  ),
  backendsUrl: httpUrl("a list of backends polled every second, such as the scaler's /v1/backends"),
  backendsFile: text('a path', 'a watched file of the same form'),
  backendsToken: secret('sent as bearer token to BACKENDS_URL'),
  localBackends: integer(
    0,
    64,
    2,
    'local backends with the real model, started only where no other source is configured and HOST is loopback',
  ),
  models: list('model names', 'models to expect before any backend is seen', () => true, {
    shownDefault: 'what backends show',
  }),
  modelAliases: pairs('other names for models'),
  loadBalancerStrategy: choice(
    ['least-work', 'least-connections', 'round-robin', 'ip-hash'],
    'least-work',
    'how backends are chosen; underscores will do too',
  ),
  maxQueuedChunks: integer(1, 100_000_000, 100_000, 'most chunks that wait, beyond: 429'),
  maxQueuedBytes: bytes(256 * MIB, 'most bytes of chunks that wait, beyond: 429'),
  maxAnswerBytes: bytes(512 * MIB, 'most bytes of answers that their callers have not read yet'),
  maxRequestChunks: integer(1, 100_000_000, 10_000, 'most chunks in one request, beyond: 413'),
  maxRequestBytes: bytes(32 * MIB, 'most bytes in one request body, beyond: 413'),
  maxConnections: integer(1, 1_000_000, 10_000, 'most connections of callers at once, beyond: refused'),
  requestTimeoutMs: integer(
    1,
    DAY_MS,
    60_000,
    'longest time without progress on a request; x-request-timeout-ms is absolute instead',
  ),
  maxHeldRequests: integer(0, 1_000_000, 1000, 'most requests held while there is no backend, beyond: 429'),
  forebayApiKeysFile: text('a path', 'keys (hashed) with tenant, weight, priority ceiling and limits'),
  forebayAdminKey: secret('the key for the admin API and /api/status'),
  forebayAllowOpen: flag('lets embedding routes be open beyond loopback; nothing else is'),
  allowedHosts: list(
    'host names or addresses, IPv6 in brackets',
    'Host headers that admin and status requests may carry while no admin key is set',
    (item) => /^(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(:\d{1,5})?$/i.test(item),
    { shownDefault: 'HOST, localhost, 127.0.0.1, [::1]' },
  ),
  allowedBackends: list(
    'addresses, CIDR ranges or host names',
    'where a backend may be, whatever source names it; never link-local',
    () => true,
    { shownDefault: 'loopback and private ranges' },
  ),
  tlsCertFile: text('a path', 'PEM: the certificate to listen with over TLS, with its chain'),
  tlsKeyFile: text('a path', 'PEM: the private key of TLS_CERT_FILE, without a passphrase'),
  tlsClientCaFile: text('a path', 'PEM: authorities; every caller then needs a certificate of one of them'),
  backendsCaFile: {
    ...text('a path', 'PEM: the only authorities trusted for https backends and an https BACKENDS_URL'),
    shownDefault: 'those that Node knows',
  },
  backendsClientCertFile: text('a path', 'PEM: the certificate shown to https backends and BACKENDS_URL'),
  backendsClientKeyFile: text('a path', 'PEM: the private key of BACKENDS_CLIENT_CERT_FILE'),
  tokenizerFile: {
    ...text('a path', "counts tokens exactly for OpenAI callers' usage"),
    shownDefault: 'with local backends theirs, else none',
  },
  verify: choice(['fast', 'full'], 'fast', 'full parses every vector of every answer'),
  logLevel: choice(
    ['fatal', 'error', 'warn', 'info', 'debug', 'trace'],
    'info',
    'least serious level logged',
  ),
  shutdownGraceMs: integer(0, 3_600_000, 30_000, 'longest wait for requests under way after SIGTERM'),
};

/** Names of all settings, in the order of {@link SETTINGS}. */
// `as` holds: Object.keys of a literal that has exactly these keys.
export const SETTING_KEYS = Object.keys(SETTINGS) as readonly SettingKey[];

/** The environment variable of a setting: `maxQueuedChunks` is `MAX_QUEUED_CHUNKS`. */
export function variableOf(key: string): string {
  return key.replace(/[A-Z]/g, '_$&').toUpperCase();
}
