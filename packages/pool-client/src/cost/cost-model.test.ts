import { seededRandom } from '@forebay/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CostCurve, CostModel } from './cost-model.ts';

const GPU: CostCurve = { baseMs: 6, perChunkMs: 0.22, perKilocharacterMs: 0 };
const CPU: CostCurve = { baseMs: 2, perChunkMs: 1.6, perKilocharacterMs: 0 };
const LENGTH_BOUND: CostCurve = { baseMs: 5, perChunkMs: 1, perKilocharacterMs: 9 };
const GUESS: CostCurve = { baseMs: 2, perChunkMs: 0.8, perKilocharacterMs: 4 };

const shape = (chunks: number, characters = 200) => ({ chunks, paddedCharacters: chunks * characters });
const trueMs = (curve: CostCurve, chunks: number, characters: number) =>
  curve.baseMs + chunks * (curve.perChunkMs + (curve.perKilocharacterMs * characters) / 1_000);

/** Knows the GPU's curve from 60 exact batches. */
function learned(): CostModel {
  const model = new CostModel(GUESS);
  for (let i = 0; i < 60; i += 1) {
    const chunks = 8 + 8 * (i % 15);
    model.observe(shape(chunks), trueMs(GPU, chunks, 200));
  }
  return model;
}

describe('CostModel', () => {
  it.each([
    ['a GPU', GPU, 128],
    ['a CPU', CPU, 32],
    ['a machine bound by length', LENGTH_BOUND, 32],
  ])('learns %s within 10 %% from 60 scattered batches', (_name, curve, most) => {
    for (let seed = 1; seed <= 5; seed += 1) {
      const random = seededRandom(seed);
      const model = new CostModel(GUESS);
      for (let i = 0; i < 60; i += 1) {
        const chunks = 1 + Math.floor(random() * most);
        const characters = 50 + Math.floor(random() * 450);
        const scatter = 1 + 0.14 * (random() - 0.5);
        const lateMs = random() < 0.05 ? 20 : 0;
        model.observe(shape(chunks, characters), trueMs(curve, chunks, characters) * scatter + lateMs);
      }
      for (const chunks of [most / 2, most]) {
        const ratio = model.predictMs(shape(chunks, 250)) / trueMs(curve, chunks, 250);
        expect(Math.abs(ratio - 1), `seed ${seed}, ${chunks} chunks, ${ratio}`).toBeLessThan(0.1);
      }
    }
  });

  it('believes a tenfold slow-down after two batches and the recovery after three', () => {
    const model = learned();
    const ms = trueMs(GPU, 64, 200);
    model.observe(shape(64), 10 * ms);
    expect(model.predictMs(shape(64))).toBeLessThan(2 * ms);
    model.observe(shape(64), 10 * ms);
    expect(model.predictMs(shape(64)) / ms).toBeGreaterThan(8);
    expect(model.predictMs(shape(64)) / ms).toBeLessThan(12);
    for (let i = 0; i < 2; i += 1) model.observe(shape(64), ms);
    expect(model.predictMs(shape(64)) / ms).toBeGreaterThan(2);
    model.observe(shape(64), ms);
    expect(model.predictMs(shape(64)) / ms).toBeLessThan(1.5);
  });

  it('does not take a pause that made two short batches look late for a change of speed', () => {
    const model = learned();
    const ms = trueMs(GPU, 8, 200);
    for (let i = 0; i < 2; i += 1) model.observe(shape(8), ms + 15);
    expect(model.predictMs(shape(64)) / trueMs(GPU, 64, 200)).toBeLessThan(1.4);
  });

  it('moves little for one stamp that is late by 200 ms', () => {
    const model = learned();
    const before = model.predictMs(shape(64));
    model.observe(shape(64), before + 200);
    expect(model.predictMs(shape(64)) / before).toBeLessThan(1.3);
  });

  it('never predicts less than 0.05 ms or what is no number, whatever it saw', () => {
    const sample = fc.record({
      chunks: fc.integer({ min: 1, max: 4_096 }),
      characters: fc.integer({ min: 0, max: 100_000 }),
      ms: fc.oneof(
        fc.double({ min: 1e-6, max: 1, noNaN: true }),
        fc.double({ min: 1, max: 1e7, noNaN: true }),
      ),
    });
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 80 }), (samples) => {
        const model = new CostModel(GUESS);
        for (const { chunks, characters, ms } of samples) model.observe(shape(chunks, characters), ms);
        const { baseMs, perChunkMs, perKilocharacterMs } = model.curve;
        for (const value of [baseMs, perChunkMs, perKilocharacterMs, model.residual]) {
          expect(Number.isFinite(value) && value >= 0).toBe(true);
        }
        for (const chunks of [1, 4_096]) {
          const ms = model.predictMs(shape(chunks));
          expect(Number.isFinite(ms) && ms >= 0.05).toBe(true);
        }
      }),
      { seed: 20_260_105 },
    );
  });
});
