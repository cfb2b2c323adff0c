import { THRESHOLD_BELOW_PART } from './defaults.ts';

/** A setting that the environment gives: its key in the file, and how its text is read. */
export interface Variable {
  /** The first one that is set counts. */
  readonly names: readonly string[];
  readonly key: string;
  /** Gives a text the type that YAML would give it; the text itself when it has none. */
  readonly fromText: (text: string) => unknown;
}

const asText = (text: string) => text;
const asNumber = (text: string) => (/^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text);
const asFlag = (text: string) => {
  if (/^(1|true|on|yes)$/i.test(text)) return true;
  return /^(0|false|off|no)$/i.test(text) ? false : text;
};

/** Settings of the whole scaler. */
export const VARIABLES: readonly Variable[] = [
  { names: ['SCALER_HOST', 'HOST'], key: 'host', fromText: asText },
  { names: ['SCALER_PORT', 'PORT'], key: 'port', fromText: asNumber },
  { names: ['SCALER_DRIVER'], key: 'driver', fromText: asText },
  { names: ['GATEWAY_URL'], key: 'gatewayUrl', fromText: asText },
  { names: ['SCALER_STATE'], key: 'state', fromText: asText },
  { names: ['SCALER_DRY_RUN'], key: 'dryRun', fromText: asFlag },
  { names: ['SCALER_ON_STOP'], key: 'onStop', fromText: asText },
  { names: ['LOG_LEVEL'], key: 'logLevel', fromText: asText },
  { names: ['FOREBAY_ADMIN_KEY'], key: 'forebayAdminKey', fromText: asText },
  { names: ['BACKENDS_TOKEN'], key: 'backendsToken', fromText: asText },
  { names: ['HOSTS_TOKEN'], key: 'hostsToken', fromText: asText },
  { names: ['ALLOWED_HOSTS'], key: 'allowedHosts', fromText: asText },
];

/** Settings of the group `default`; keys are within it. */
export const GROUP_VARIABLES: readonly Variable[] = [
  { names: ['MIN_INSTANCES'], key: 'min', fromText: asNumber },
  {
    names: ['INITIAL_INSTANCES'],
    key: 'initial',
    fromText: asNumber,
  },
  { names: ['MAX_INSTANCES'], key: 'max', fromText: asNumber },
  {
    names: ['SCALING_COOLDOWN'],
    key: 'cooldownSeconds',
    fromText: (text) => ({ out: asNumber(text), in: asNumber(text) }),
  },
];

/** Document 004's thresholds: each that is given adds a policy to the group `default`. */
export const THRESHOLD_VARIABLES: readonly {
  readonly variable: string;
  readonly signal: string;
  readonly policy: string;
  readonly meaning: string;
}[] = [
  {
    variable: 'CPU_THRESHOLD',
    signal: 'cpu_percent',
    policy: 'cpu-based-scaling',
    meaning: 'adds a threshold policy on cpu_percent to the group default: 70 is usual',
  },
  {
    variable: 'MEMORY_THRESHOLD',
    signal: 'memory_percent',
    policy: 'memory-based-scaling',
    meaning: 'adds a threshold policy on memory_percent to the group default: 80 is usual',
  },
];

/** The policy that a threshold variable stands for: CPU_THRESHOLD=70 scales out above 70 % and in below 35 %. */
export function thresholdPolicy(name: string, signal: string, text: string): Record<string, unknown> {
  const above = asNumber(text);
  const below = typeof above === 'number' ? above * THRESHOLD_BELOW_PART : 0;
  return { type: 'threshold', name, signal, above, below };
}

/** The text of the first of `names` that is set. An empty one counts as not set: that is what `PORT=${PORT}` leaves behind. */
export function firstSet(
  env: Readonly<Record<string, string | undefined>>,
  names: readonly string[],
): { readonly name: string; readonly text: string } | undefined {
  for (const name of names) {
    const text = env[name]?.trim();
    if (text !== undefined && text !== '') return { name, text };
  }
  return undefined;
}
