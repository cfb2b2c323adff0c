import { bulk, bursty, diurnal, flash, type LoadShape } from './load-shapes.ts';
import { poisson, seededRandom } from './seeded-random.ts';

/** The names of `--generate`. */
export const GENERATED_NAMES = ['diurnal', 'bursty', 'bulk', 'flash'] as const;

/** A load that can be made from a seed: see `load-shapes.ts`. */
export type GeneratedName = (typeof GENERATED_NAMES)[number];

/**
 * Requests in each second, Poisson arrivals over a load shape: the same ones for the same arguments.
 *
 * @param options.mean - requests/s over the whole trace, before chance. @default 10
 * @param options.seconds - its length. @default a day in 14,400 for `diurnal`; 7,200 for `bulk` and `flash`; 3,600 for `bursty`
 */
export function generateTrace(
  name: GeneratedName,
  seed: number,
  options: { readonly mean?: number; readonly seconds?: number } = {},
): Int32Array {
  const { mean = 10, seconds = DEFAULT_SECONDS[name] } = options;
  const random = seededRandom(seed);
  const rates = SHAPES[name](seconds, random);
  const scale = (mean * seconds) / rates.reduce((sum, rate) => sum + rate, 0);
  return Int32Array.from(rates, (rate) => poisson(rate * scale, random));
}

const SHAPES: Readonly<Record<GeneratedName, LoadShape>> = { diurnal, bursty, bulk, flash };

const DEFAULT_SECONDS: Readonly<Record<GeneratedName, number>> = {
  diurnal: 14_400,
  bursty: 3_600,
  bulk: 7_200,
  flash: 7_200,
};
