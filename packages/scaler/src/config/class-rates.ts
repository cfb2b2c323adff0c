/** What a replica of a class does and costs before anything was learned. */
export interface ClassRates {
  readonly chunksPerSecond: number;
  /** US dollars. */
  readonly pricePerHour: number;
}

/** The classes of replicas, as the gateway knows them. */
export const CLASS_NAMES = ['gpu', 'large', 'cpu', 'small', 'default'] as const;

/** One of `CLASS_NAMES`. */
export type ClassName = (typeof CLASS_NAMES)[number];

/**
 * The first guesses by class. `cpu` (500–700 chunks/s, a c5.xlarge) and `gpu` (3,000–5,000 chunks/s, $1–3 an hour) are
 * the middles of document 002's table. `large` and `small` are the machines of document 000 (c6g.4xlarge, t3.large) at
 * `cpu`'s 150 chunks/s for each virtual CPU: 16 and 2 of them.
 */
export const CLASS_RATES: Readonly<Record<ClassName, ClassRates>> = Object.freeze({
  gpu: Object.freeze({ chunksPerSecond: 4000, pricePerHour: 2 }),
  large: Object.freeze({ chunksPerSecond: 2400, pricePerHour: 0.544 }),
  cpu: Object.freeze({ chunksPerSecond: 600, pricePerHour: 0.17 }),
  small: Object.freeze({ chunksPerSecond: 300, pricePerHour: 0.0832 }),
  default: Object.freeze({ chunksPerSecond: 600, pricePerHour: 0.17 }),
});
