import type { ScalerConfig, SignalConfig } from './scaler-config.ts';

/** A signal with where it stands in the file. */
export interface ConfiguredSignal {
  readonly name: string;
  readonly path: readonly PropertyKey[];
  readonly signal: SignalConfig;
}

/** All signals of the file, those in lists one by one. */
export function configuredSignals(signals: ScalerConfig['signals']): readonly ConfiguredSignal[] {
  return Object.entries(signals).flatMap(([name, of]): ConfiguredSignal[] =>
    isOne(of)
      ? [{ name, path: ['signals', name], signal: of }]
      : of.map((signal, i) => ({ name, path: ['signals', name, i], signal })),
  );
}

/** The names of those that a group has. */
export function signalNames(signals: ScalerConfig['signals'], group: string): readonly string[] {
  const own = configuredSignals(signals).filter(({ signal }) => (signal.group ?? group) === group);
  return [...new Set(own.map(({ name }) => name))];
}

/** Array.isArray doesn't tell readonly lists. */
function isOne(of: SignalConfig | readonly SignalConfig[]): of is SignalConfig {
  return !Array.isArray(of);
}
