import { describe, expect, it } from 'vitest';
import { type LoadedConfig, loadConfig } from './load-config.ts';

interface Given {
  env?: Record<string, string>;
  yaml?: string;
}

function load({ env = {}, yaml }: Given) {
  return loadConfig({
    env,
    argv: yaml === undefined ? [] : ['--config', 'forebay.yaml'],
    readFile: () => yaml ?? '',
  });
}

function loaded(given: Given): LoadedConfig {
  const result = load(given);
  if (result.kind === 'config-error') throw new Error(result.message);
  return result;
}

function problems(given: Given): readonly string[] {
  const result = load(given);
  return result.kind === 'config-error' ? result.problems : [];
}

const DJL = { DJL_URLS: 'http://djl:8080/predictions/m' };

describe('the configuration', () => {
  it('has the documented defaults', () => {
    expect(loaded({}).config).toEqual({
      host: '127.0.0.1',
      port: 8080,
      djlUrls: [],
      backendsUrl: undefined,
      backendsFile: undefined,
      backendsToken: undefined,
      localBackends: 2,
      models: [],
      modelAliases: new Map(),
      loadBalancerStrategy: 'least-work',
      maxQueuedChunks: 100_000,
      maxQueuedBytes: 256 * 1024 * 1024,
      maxAnswerBytes: 512 * 1024 * 1024,
      maxRequestChunks: 10_000,
      maxRequestBytes: 32 * 1024 * 1024,
      maxConnections: 10_000,
      requestTimeoutMs: 60_000,
      maxHeldRequests: 1000,
      forebayApiKeysFile: undefined,
      forebayAdminKey: undefined,
      forebayAllowOpen: false,
      allowedHosts: ['127.0.0.1', 'localhost', '[::1]'],
      allowedBackends: [],
      tlsCertFile: undefined,
      tlsKeyFile: undefined,
      tlsClientCaFile: undefined,
      backendsCaFile: undefined,
      backendsClientCertFile: undefined,
      backendsClientKeyFile: undefined,
      tokenizerFile: undefined,
      verify: 'fast',
      logLevel: 'info',
      shutdownGraceMs: 30_000,
    });
  });

  it('reads every setting from the environment', () => {
    const env = {
      HOST: '0.0.0.0',
      PORT: '9000',
      DJL_URLS: ' http://a/predictions/m;class=gpu , dns+http://b:8080,',
      BACKENDS_URL: 'http://scaler:8090/v1/backends',
      BACKENDS_FILE: 'backends.json',
      BACKENDS_TOKEN: 't0ken',
      MODELS: 'a,b',
      MODEL_ALIASES: 'small=all-MiniLM-L6-v2, big = e5',
      LOAD_BALANCER_STRATEGY: 'least_connections',
      MAX_QUEUED_CHUNKS: '5',
      MAX_QUEUED_BYTES: '1KiB',
      MAX_ANSWER_BYTES: '2 MB',
      MAX_REQUEST_CHUNKS: '6',
      MAX_REQUEST_BYTES: '7',
      MAX_CONNECTIONS: '9',
      REQUEST_TIMEOUT_MS: '8',
      MAX_HELD_REQUESTS: '0',
      FOREBAY_API_KEYS_FILE: 'keys.yaml',
      FOREBAY_ADMIN_KEY: 'a1',
      FOREBAY_ALLOW_OPEN: 'yes',
      ALLOWED_HOSTS: 'Pool.Example,[::1]:8080',
      ALLOWED_BACKENDS: '203.0.113.0/24, djl.example, fd00::/8',
      TLS_CERT_FILE: 'own.pem',
      TLS_KEY_FILE: 'own.key',
      TLS_CLIENT_CA_FILE: 'callers.pem',
      BACKENDS_CA_FILE: 'ca.pem',
      BACKENDS_CLIENT_CERT_FILE: 'gateway.pem',
      BACKENDS_CLIENT_KEY_FILE: 'gateway.key',
      TOKENIZER_FILE: 'tokenizer.json',
      VERIFY: 'FULL',
      LOG_LEVEL: 'debug',
      SHUTDOWN_GRACE_MS: '0',
    };
    expect(loaded({ env })).toEqual({
      kind: 'loaded',
      config: {
        host: '0.0.0.0',
        port: 9000,
        djlUrls: ['http://a/predictions/m;class=gpu', 'dns+http://b:8080'],
        backendsUrl: 'http://scaler:8090/v1/backends',
        backendsFile: 'backends.json',
        backendsToken: 't0ken',
        localBackends: 0,
        models: ['a', 'b'],
        modelAliases: new Map([
          ['small', 'all-MiniLM-L6-v2'],
          ['big', 'e5'],
        ]),
        loadBalancerStrategy: 'least-connections',
        maxQueuedChunks: 5,
        maxQueuedBytes: 1024,
        maxAnswerBytes: 2_000_000,
        maxRequestChunks: 6,
        maxRequestBytes: 7,
        maxConnections: 9,
        requestTimeoutMs: 8,
        maxHeldRequests: 0,
        forebayApiKeysFile: 'keys.yaml',
        forebayAdminKey: 'a1',
        forebayAllowOpen: true,
        allowedHosts: ['pool.example', '[::1]:8080'],
        allowedBackends: ['203.0.113.0/24', 'djl.example', 'fd00::/8'],
        tlsCertFile: 'own.pem',
        tlsKeyFile: 'own.key',
        tlsClientCaFile: 'callers.pem',
        backendsCaFile: 'ca.pem',
        backendsClientCertFile: 'gateway.pem',
        backendsClientKeyFile: 'gateway.key',
        tokenizerFile: 'tokenizer.json',
        verify: 'full',
        logLevel: 'debug',
        shutdownGraceMs: 0,
      },
      origins: expect.any(Map),
      warnings: [],
    });
  });

  it('reads native values from YAML', () => {
    const yaml = `
port: 9000
djlUrls:
  - http://a/predictions/m
  - http://b/predictions/m
modelAliases: { small: m }
loadBalancerStrategy: ip_hash
maxQueuedBytes: 256MiB
maxRequestBytes: 1024
forebayAllowOpen: true
`;
    expect(loaded({ yaml }).config).toMatchObject({
      port: 9000,
      djlUrls: ['http://a/predictions/m', 'http://b/predictions/m'],
      modelAliases: new Map([['small', 'm']]),
      loadBalancerStrategy: 'ip-hash',
      maxQueuedBytes: 268_435_456,
      maxRequestBytes: 1024,
      forebayAllowOpen: true,
    });
  });

  it('lets the environment win over YAML, and an empty variable count as not set', () => {
    const { config, origins } = loaded({ env: { PORT: '1', VERIFY: ' ' }, yaml: 'port: 2\n\nverify: full' });
    expect([config.port, config.verify]).toEqual([1, 'full']);
    expect([...origins]).toEqual([
      ['port', 'PORT'],
      ['verify', 'forebay.yaml:3'],
    ]);
  });

  it('accepts an empty file', () => {
    expect(loaded({ yaml: '# nothing yet\n' }).origins.size).toBe(0);
  });

  it.each(['least_work', 'least-work', 'LEAST_WORK'])('knows the strategy %s', (name) => {
    expect(loaded({ env: { LOAD_BALANCER_STRATEGY: name } }).config.loadBalancerStrategy).toBe('least-work');
  });

  it('is frozen', () => {
    const { config } = loaded({ env: DJL });
    expect([config, config.djlUrls, config.allowedHosts].every(Object.isFrozen)).toBe(true);
  });
});

describe('a configuration problem', () => {
  it.each<[Record<string, string>, string]>([
    [{ PORT: '80a80' }, 'PORT must be an integer from 0 to 65535, got "80a80"'],
    [{ PORT: '65536' }, 'PORT must be an integer from 0 to 65535, got 65536'],
    [{ PORT: '-1' }, 'PORT must be an integer from 0 to 65535, got -1'],
    [{ PORT: '1.5' }, 'PORT must be an integer from 0 to 65535, got "1.5"'],
    [{ HOST: '0.0.0.0:80' }, 'HOST must be an IP address or a host name, without a port, got "0.0.0.0:80"'],
    [{ MAX_QUEUED_CHUNKS: '0' }, 'MAX_QUEUED_CHUNKS must be an integer from 1 to 100000000, got 0'],
    [
      { MAX_QUEUED_BYTES: '256M' },
      'MAX_QUEUED_BYTES must be a number of bytes of at least 1, plain or with a unit like 256MiB, got "256M"',
    ],
    [
      { MAX_QUEUED_BYTES: '0' },
      'MAX_QUEUED_BYTES must be a number of bytes of at least 1, plain or with a unit like 256MiB, got "0"',
    ],
    [
      { LOAD_BALANCER_STRATEGY: 'random' },
      'LOAD_BALANCER_STRATEGY must be one of least-work, least-connections, round-robin, ip-hash, got "random"',
    ],
    [
      { FOREBAY_ALLOW_OPEN: 'maybe' },
      'FOREBAY_ALLOW_OPEN must be true or false (in the environment also 1, 0, on, off, yes, no), got "maybe"',
    ],
    [
      { BACKENDS_URL: 'scaler:8090' },
      'BACKENDS_URL must be a URL that begins with http:// or https://, got "scaler:8090"',
    ],
    [
      { MODEL_ALIASES: 'a' },
      'MODEL_ALIASES must be alias=model pairs with commas between (in YAML also a mapping), each alias once, got "a"',
    ],
    [
      { MODEL_ALIASES: 'a=b,a=c' },
      'MODEL_ALIASES must be alias=model pairs with commas between (in YAML also a mapping), each alias once, got "a=b,a=c"',
    ],
    [
      { ALLOWED_HOSTS: 'http://x' },
      'ALLOWED_HOSTS must be host names or addresses, IPv6 in brackets, with commas between (in YAML also a list), got "http://x"',
    ],
    [
      { ALLOWED_BACKENDS: '10.0.0.0/33' },
      'ALLOWED_BACKENDS: "10.0.0.0/33": give networks, addresses, host names or *.endings, without scheme or port',
    ],
    [
      { ALLOWED_BACKENDS: 'djl.example/8' },
      'ALLOWED_BACKENDS: "djl.example/8": give networks, addresses, host names or *.endings, without scheme or port',
    ],
    [{ VERIFY: 'none' }, 'VERIFY must be one of fast, full, got "none"'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, got "loud"'],
  ])('of %j names variable, bound and value', (env, problem) => {
    expect(problems({ env })).toEqual([problem]);
  });

  it.each([
    [
      'a bound',
      'host: 127.0.0.1\nmaxQueuedChunks: 0',
      'forebay.yaml:2 maxQueuedChunks must be an integer from 1 to 100000000, got 0',
    ],
    [
      'a string for a number',
      'port: "80"',
      'forebay.yaml:1 port must be an integer from 0 to 65535, got "80"',
    ],
    ['no value', 'verify:', 'forebay.yaml:1 verify must be one of fast, full, got null'],
    [
      'an unknown key',
      '\nmaxQueuedChunk: 5',
      'forebay.yaml:2 maxQueuedChunk is not a setting, did you mean maxQueuedChunks?',
    ],
    [
      'a variable’s name',
      'MAX_QUEUED_CHUNKS: 5',
      'forebay.yaml:1 MAX_QUEUED_CHUNKS is not a setting, did you mean maxQueuedChunks?',
    ],
    [
      'half a name',
      'apiKeysFile: x',
      'forebay.yaml:1 apiKeysFile is not a setting, did you mean forebayApiKeysFile?',
    ],
    ['a name like no other', 'zebra: 1', 'forebay.yaml:1 zebra is not a setting'],
    ['a list', '- port: 1', 'forebay.yaml:1 must be a mapping of settings, such as "port: 8080"'],
  ])('in YAML names its line: %s', (_name, yaml, problem) => {
    expect(problems({ yaml })).toEqual([problem]);
  });

  it.each([
    ['broken YAML', 'port: [1', /^forebay\.yaml:1 is not YAML: /],
    ['a key given twice', 'port: 1\nverify: full\nport: 2', /^forebay\.yaml:3 is not YAML: .*unique/],
  ])('shows where there is %s', (_name, yaml, problem) => {
    expect(problems({ yaml })).toEqual([expect.stringMatching(problem)]);
  });

  it('never shows a secret', () => {
    const env = {
      FOREBAY_ADMIN_KEY: 'hush hush',
      BACKENDS_URL: 'ftp://user:hush@x',
      BACKENDS_TOKEN: 'hush!é',
    };
    const found = problems({ env });
    expect(found).toHaveLength(3);
    expect(found.join()).not.toContain('hush');
  });

  it('is reported together with all others', () => {
    const result = load({ env: { PORT: 'x', VERIFY: 'y' }, yaml: 'logLevel: z\nfoo: 1' });
    expect(result).toEqual({
      kind: 'config-error',
      problems: expect.any(Array),
      message: `The configuration has 4 problems:
  - forebay.yaml:2 foo is not a setting
  - forebay.yaml:1 logLevel must be one of fatal, error, warn, info, debug, trace, got "z"
  - PORT must be an integer from 0 to 65535, got "x"
  - VERIFY must be one of fast, full, got "y"`,
    });
  });

  it('is a file that cannot be read, or a wrong argument', () => {
    const readFile = () => {
      throw new Error('ENOENT: no such file');
    };
    expect(loadConfig({ env: {}, argv: ['--config', 'no.yaml'], readFile })).toMatchObject({
      problems: ['--config no.yaml cannot be read: ENOENT: no such file'],
    });
    expect(loadConfig({ env: {}, argv: ['--confg=no.yaml'], readFile })).toMatchObject({
      problems: [expect.stringContaining("'--confg'")],
    });
  });
});
