import { normal, pareto } from './seeded-random.ts';

/** Relative rates, one for each second; only their proportions count. */
export type LoadShape = (seconds: number, random: () => number) => Float64Array;

/** A day's curve in the given time: quiet at night, a high plateau with two humps by day, 10 % noise that changes over minutes. */
export const diurnal: LoadShape = (seconds, random) => {
  let noise = normal(random);
  return Float64Array.from({ length: seconds }, (_, second) => {
    const day = (second / seconds) * 2 * Math.PI;
    noise = 0.99 * noise + Math.sqrt(1 - 0.99 ** 2) * normal(random);
    const curve = 1 - 0.65 * Math.cos(day) - 0.15 * Math.cos(2 * day + 0.6);
    return Math.max(0.1, curve) * Math.max(0.3, 1 + 0.1 * noise);
  });
};

/** Heavy-tailed bursts over a quiet base: lengths and heights are Pareto numbers. The coefficient of variation is set to 1.9. */
export const bursty: LoadShape = (seconds, random) => {
  const rates = new Float64Array(seconds).fill(0.3);
  let second = Math.floor(random() * 60);
  while (second < seconds) {
    const height = pareto(1, 1.3, 15, random);
    const end = second + pareto(10, 1.3, 240, random);
    for (; second < Math.min(end, seconds); second += 1) rates[second] = height;
    second += Math.ceil(-Math.log(1 - random()) * 60);
  }
  return withVariation(rates, 1.9);
};

/** Crowds: within 3 to 15 s to eight to ten times the base, gone with a half-life of 1.5 to 3 minutes. One in each 40 minutes. */
export const flash: LoadShape = (seconds, random) => {
  const rates = new Float64Array(seconds).fill(1);
  for (const { start } of slots(seconds, 2400, random)) {
    const top = 7 + 2 * random();
    const riseSeconds = 3 + 12 * random();
    const halfLife = 90 + 90 * random();
    for (let second = start; second < seconds; second += 1) {
      const since = second - start;
      const part =
        since < riseSeconds ? (since + 1) / (riseSeconds + 1) : 0.5 ** ((since - riseSeconds) / halfLife);
      rates[second] = rates[second]! + top * part;
    }
  }
  return rates;
};

/** Bulk jobs: twenty minutes at ten times the base, from one second to the next. One in each hour. */
export const bulk: LoadShape = (seconds, random) => {
  const rates = new Float64Array(seconds).fill(1);
  for (const { start, length } of slots(seconds, 3600, random))
    rates.fill(10, start, start + Math.min(1200, Math.ceil(length / 3)));
  return rates;
};

/** Cuts the time into equal slots of about `slotSeconds` and puts a start into the second to fifth tenth of each. */
function slots(
  seconds: number,
  slotSeconds: number,
  random: () => number,
): readonly { readonly start: number; readonly length: number }[] {
  const count = Math.max(1, Math.round(seconds / slotSeconds));
  const length = seconds / count;
  return Array.from({ length: count }, (_, slot) => ({
    start: Math.floor(length * (slot + 0.2 + 0.3 * random())),
    length,
  }));
}

/** Raises all rates to the one power that gives them the coefficient of variation. */
function withVariation(rates: Float64Array, variation: number): Float64Array {
  let low = 0;
  let high = 8;
  for (let i = 0; i < 40; i += 1) {
    const middle = (low + high) / 2;
    if (variationOf(rates.map((rate) => rate ** middle)) < variation) low = middle;
    else high = middle;
  }
  return rates.map((rate) => rate ** high);
}

function variationOf(rates: Float64Array): number {
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  return Math.sqrt(rates.reduce((sum, rate) => sum + (rate - mean) ** 2, 0) / rates.length) / mean;
}
