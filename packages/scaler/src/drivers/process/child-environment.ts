/** Variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Settings of the scaler, and secrets that are none of a model server's business. */
const WITHHELD = /^(SCALER_|FOREBAY_REPLICA_|AWS_|KUBERNETES_)/;
const WITHHELD_NAMES: ReadonlySet<string> = new Set([
  'HOST',
  'PORT',
  'FOREBAY_ADMIN_KEY',
  'FOREBAY_API_KEYS_FILE',
  'BACKENDS_TOKEN',
  'BACKENDS_URL',
  'HOSTS_TOKEN',
  'GATEWAY_URL',
  'KUBECONFIG',
  'NODE_CHANNEL_FD',
  'NOTIFY_SOCKET',
]);

/** What a child gets: what the scaler has less what is withheld, then each of `layers` over it. */
export function childEnvironment(inherited: Environment, layers: readonly Environment[]): Environment {
  const passed = Object.entries(inherited).filter(
    ([name]) => !WITHHELD.test(name) && !WITHHELD_NAMES.has(name),
  );
  return Object.assign(Object.fromEntries(passed), ...layers);
}
