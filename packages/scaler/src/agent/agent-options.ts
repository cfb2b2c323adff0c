import { parseArgs } from 'node:util';

/** Where the token comes from that the scaler wants. */
export type TokenSource =
  | { readonly kind: 'none' }
  | { readonly kind: 'text'; readonly token: string }
  | { readonly kind: 'file'; readonly path: string }
  /** A name or ARN in AWS Secrets Manager. */
  | { readonly kind: 'secret'; readonly name: string };

/** How the agent is to run. */
export interface AgentOptions {
  readonly scalers: readonly string[];
  /** Undefined: the id of the EC2 instance. */
  readonly id: string | undefined;
  readonly token: TokenSource;
  readonly probeUrl: string;
  /** Where gateways reach this host; undefined: the scaler knows. */
  readonly url: string | undefined;
  readonly intervalSeconds: number;
  readonly toleratedSilences: number;
  readonly startSeconds: number;
  /** Whether notices are read from instance metadata. */
  readonly watchesNotices: boolean;
  readonly onStop: 'nothing' | 'leaving';
}

export type AgentCommand =
  | { readonly kind: 'help' }
  | { readonly kind: 'run'; readonly options: AgentOptions }
  | { readonly kind: 'problem'; readonly message: string };

type Env = Readonly<Record<string, string | undefined>>;

const OPTIONS = {
  scaler: { type: 'string', multiple: true },
  id: { type: 'string' },
  url: { type: 'string' },
  'token-file': { type: 'string' },
  'token-secret': { type: 'string' },
  probe: { type: 'string' },
  interval: { type: 'string' },
  failures: { type: 'string' },
  'start-seconds': { type: 'string' },
  'no-metadata': { type: 'boolean', default: false },
  'on-stop': { type: 'string', default: 'nothing' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** Reads arguments, which win, and environment. */
export function parseAgentOptions(argv: readonly string[], env: Env): AgentCommand {
  let values: ReturnType<typeof parse>;
  try {
    values = parse(argv);
  } catch (error) {
    // parseArgs throws TypeErrors whose first sentence names the argument; the rest is advice for programmers.
    const [sentence = ''] = String(error instanceof Error ? error.message : error).split('. ');
    return { kind: 'problem', message: sentence };
  }
  if (values.help) return { kind: 'help' };
  try {
    return { kind: 'run', options: optionsOf(values, env) };
  } catch (error) {
    if (error instanceof Problem) return { kind: 'problem', message: error.message };
    throw error;
  }
}

function parse(argv: readonly string[]) {
  return parseArgs({ args: [...argv], allowPositionals: false, options: OPTIONS }).values;
}

function optionsOf(values: ReturnType<typeof parse>, env: Env): AgentOptions {
  const onStop = values['on-stop'];
  if (onStop !== 'nothing' && onStop !== 'leaving')
    throw new Problem(`--on-stop must be nothing or leaving, got ${onStop}`);
  const id = values.id ?? set(env.FOREBAY_HOST_ID);
  if (id !== undefined && !/^[\x21-\x7e]{1,256}$/.test(id))
    throw new Problem(
      `--id must be 1 to 256 printable ASCII characters without spaces, got ${JSON.stringify(id)}`,
    );
  const watchesNotices = !values['no-metadata'];
  if (id === undefined && !watchesNotices)
    throw new Problem('--no-metadata needs --id: nobody else says which host this is');
  const url = values.url ?? set(env.FOREBAY_HOST_URL);
  return {
    scalers: scalersOf(values.scaler ?? [set(env.SCALER_URL) ?? ''], env),
    id,
    token: tokenOf(values, env),
    probeUrl: httpUrl('--probe', values.probe ?? 'http://127.0.0.1:8080/ping'),
    url: url === undefined ? undefined : httpUrl('--url', url),
    intervalSeconds: number('--interval', values.interval ?? '5', 0.1, 3_600),
    toleratedSilences: whole('--failures', values.failures ?? '3', 1, 1_000),
    startSeconds: number('--start-seconds', values['start-seconds'] ?? '600', 1, 86_400),
    watchesNotices,
    onStop,
  };
}

function scalersOf(given: readonly string[], { SCALER_URL }: Env): readonly string[] {
  const urls = given
    .flatMap((text) => text.split(','))
    .map((text) => text.trim())
    .filter((text) => text !== '');
  if (urls.length === 0)
    throw new Problem('--scaler (or SCALER_URL) must name the scaler, such as http://scaler:8090');
  const name = SCALER_URL !== undefined && given[0] === SCALER_URL ? 'SCALER_URL' : '--scaler';
  return urls.map((url) => httpUrl(name, url).replace(/\/+$/, ''));
}

function tokenOf(values: ReturnType<typeof parse>, env: Env): TokenSource {
  const { 'token-file': path = set(env.HOSTS_TOKEN_FILE), 'token-secret': name } = values;
  if (values['token-file'] !== undefined && name !== undefined)
    throw new Problem('--token-file and --token-secret are two places for one token: give one of them');
  if (name !== undefined) return { kind: 'secret', name };
  if (path !== undefined) return { kind: 'file', path };
  const token = set(env.HOSTS_TOKEN);
  return token === undefined ? { kind: 'none' } : { kind: 'text', token };
}

/** An empty variable counts as not set: that is what `X=${X}` leaves behind. */
function set(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text.trim();
}

function httpUrl(option: string, text: string): string {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '')
    return text;
  throw new Problem(`${option} must be a URL like http://host:8090, without a user or password, got ${text}`);
}

function number(option: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= min && value <= max) return value;
  throw new Problem(`${option} must be a number from ${min} to ${max}, got ${text}`);
}

function whole(option: string, text: string, min: number, max: number): number {
  const value = number(option, text, min, max);
  if (Number.isInteger(value)) return value;
  throw new Problem(`${option} must be a whole number, got ${text}`);
}

/** What the user can put right; never leaves this file. */
class Problem extends Error {}
