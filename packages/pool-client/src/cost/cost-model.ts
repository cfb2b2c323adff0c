/** What decides how long a batch takes. */
export interface BatchShape {
  readonly chunks: number;
  /** Chunks × characters of the longest: model servers pad every text of a batch to its longest. */
  readonly paddedCharacters: number;
}

/** Milliseconds of a batch: `baseMs + perChunkMs × chunks + perKilocharacterMs × padded kilocharacters`. */
export interface CostCurve {
  readonly baseMs: number;
  readonly perChunkMs: number;
  readonly perKilocharacterMs: number;
}

/** How fast old batches are forgotten: the last 20 count for two thirds. */
const FORGETTING = 0.95;

/** A batch's time is believed to scatter by this share of it, and by this much whatever its size (event loop, network). */
const SCATTER = { share: 0.15, ms: 2 };

/** A surprise beyond this many times the scatter counts as no more: one late stamp moves little (Huber, 1964). */
const CLIP = 3;

/** The first batches may contradict the prior, which is a guess, more than later ones may contradict the first. */
const TRUSTING_SAMPLES = 4;

/**
 * So many batches in a row, so much slower or faster than predicted, are a change of speed and no chance. Slower by less than
 * `leastMs` may be one pause of the event loop that made both look late; what lasts is learned all the same, batch by batch.
 */
const SLOWER = { factor: 1.8, inARow: 2, leastMs: 20 };
const FASTER = { factor: 0.6, inARow: 3 };

/** Least uncertainty that base, chunk and kilocharacter keep, so that one learned as zero can come back. */
const FLOORS = [0.5, 0.02, 0.02] as const;

/** Less than this no batch takes. */
const LEAST_MS = 0.05;

/**
 * Share of a batch's time that the base may always turn out to be: where others use the server too, a batch waits for theirs,
 * and that has nothing to do with its own chunks. Taken for slow chunks it would make batches small, and small batches wait as long.
 */
const BASE_DOUBT = 0.5;

const FEATURES = [0, 1, 2] as const;

/**
 * Learns how long a backend takes over a batch: recursive least squares on [1, chunks, padded kilocharacters] with forgetting
 * and clipped residuals; the uncertainty of a value never grows beyond the value itself, so that a long spell of equal
 * batches does not make it wild. A change of speed is taken over at once: the whole curve is scaled.
 *
 * An observation costs about a microsecond.
 */
export class CostModel {
  readonly #theta: [number, number, number];
  /** Covariance of the three values, row by row. */
  readonly #p = new Float64Array(9);
  readonly #slower: number[] = [];
  readonly #faster: number[] = [];
  #samples = 0;
  #residual = 0;

  constructor(prior: CostCurve) {
    this.#theta = [prior.baseMs, prior.perChunkMs, prior.perKilocharacterMs];
    this.#doubt();
  }

  get curve(): CostCurve {
    const [baseMs, perChunkMs, perKilocharacterMs] = this.#theta;
    return { baseMs, perChunkMs, perKilocharacterMs };
  }

  get samples(): number {
    return this.#samples;
  }

  /** Mean relative error of recent predictions, 0 for none. */
  get residual(): number {
    return this.#residual;
  }

  predictMs({ chunks, paddedCharacters }: BatchShape): number {
    const [base, chunk, kilocharacter] = this.#theta;
    return Math.max(LEAST_MS, base + chunk * chunks + kilocharacter * (paddedCharacters / 1_000));
  }

  /** Learns that a batch of this shape took `measuredMs` on one worker of the backend. */
  observe(shape: BatchShape, measuredMs: number): void {
    const predictedMs = this.predictMs(shape);
    const ratio = measuredMs / predictedMs;
    this.#samples += 1;
    const surprise = Math.min(3, Math.abs(ratio - 1));
    this.#residual += (surprise - this.#residual) * Math.max(0.1, 1 / this.#samples);
    const change = this.#changeOfSpeed(ratio, measuredMs - predictedMs);
    if (change === undefined) this.#update(shape, measuredMs, predictedMs);
    else {
      for (const i of FEATURES) this.#theta[i] *= change;
      this.#doubt();
    }
  }

  /** The factor of a change of speed that has become certain; of its witnesses the mildest is believed. */
  #changeOfSpeed(ratio: number, lateMs: number): number | undefined {
    if (ratio > SLOWER.factor && lateMs >= SLOWER.leastMs) this.#slower.push(ratio);
    else this.#slower.length = 0;
    if (ratio < FASTER.factor) this.#faster.push(ratio);
    else this.#faster.length = 0;
    const change =
      this.#slower.length >= SLOWER.inARow
        ? Math.min(...this.#slower)
        : this.#faster.length >= FASTER.inARow
          ? Math.max(...this.#faster)
          : undefined;
    if (change !== undefined) {
      this.#slower.length = 0;
      this.#faster.length = 0;
    }
    return change;
  }

  #doubt(): void {
    this.#p.fill(0);
    for (const i of FEATURES) this.#p[4 * i] = Math.max(FLOORS[i], this.#theta[i]) ** 2;
  }

  #update({ chunks, paddedCharacters }: BatchShape, measuredMs: number, predictedMs: number): void {
    const x = [1, chunks, paddedCharacters / 1_000] as const;
    const p = this.#p;
    const at = (row: number, column: number) => p[3 * row + column] as number; // nine values, both below 3
    const px = FEATURES.map((i) => at(i, 0) * x[0] + at(i, 1) * x[1] + at(i, 2) * x[2]) as [
      number,
      number,
      number,
    ];
    const sigma = SCATTER.share * predictedMs + SCATTER.ms;
    const variance = FORGETTING * sigma * sigma + x[0] * px[0] + x[1] * px[1] + x[2] * px[2];
    const clip = Math.max(CLIP * sigma, this.#samples < TRUSTING_SAMPLES ? 2 * Math.sqrt(variance) : 0);
    const surprise = Math.max(-clip, Math.min(clip, measuredMs - predictedMs));
    for (const i of FEATURES) this.#theta[i] = Math.max(0, this.#theta[i] + (px[i] / variance) * surprise);
    for (const i of FEATURES) {
      for (const j of FEATURES) p[3 * i + j] = (at(i, j) - (px[i] * px[j]) / variance) / FORGETTING;
    }
    for (const i of FEATURES) {
      const most = Math.max(FLOORS[i], this.#theta[i], i === 0 ? BASE_DOUBT * predictedMs : 0) ** 2;
      if (at(i, i) <= most) continue;
      const scale = Math.sqrt(most / at(i, i));
      for (const j of FEATURES) {
        p[3 * i + j] = at(i, j) * scale;
        p[3 * j + i] = at(j, i) * scale;
      }
    }
  }
}
