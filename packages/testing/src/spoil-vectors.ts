import type { EncodedVector } from './encoded-vector.ts';
import type { Fault, SpoiledVectorsFault } from './fault.ts';
import { floatBytes } from './vector-segments.ts';

/** The vectors as the faults leave them; the same list when none of them touches vectors. */
export function spoilVectors(
  vectors: readonly EncodedVector[],
  faults: readonly Fault[],
  random: () => number,
): readonly EncodedVector[] {
  return faults.reduce(
    (spoiled, fault) => (isVectorFault(fault) ? spoil(spoiled, fault, random) : spoiled),
    vectors,
  );
}

const vectorFaults: Readonly<Record<SpoiledVectorsFault['kind'], true>> = {
  'wrong-count': true,
  'not-a-number': true,
  'wrong-dimensions': true,
  swapped: true,
  'zero-vector': true,
};

function isVectorFault(fault: Fault): fault is Extract<Fault, SpoiledVectorsFault> {
  return Object.hasOwn(vectorFaults, fault.kind);
}

function spoil(
  vectors: readonly EncodedVector[],
  fault: SpoiledVectorsFault,
  random: () => number,
): readonly EncodedVector[] {
  if (fault.kind === 'wrong-count') return withCount(vectors, vectors.length + fault.by);
  const choices = fault.kind === 'swapped' ? vectors.length - 1 : vectors.length;
  if (choices < 1) return vectors;
  const index = Math.min(choices - 1, fault.index ?? Math.floor(random() * choices));
  switch (fault.kind) {
    case 'swapped':
      return [
        ...vectors.slice(0, index),
        ...vectors.slice(index, index + 2).reverse(),
        ...vectors.slice(index + 2),
      ];
    case 'not-a-number':
      return changeOne(vectors, index, (numbers) => numbers.with(numbers.length >> 1, fault.value));
    case 'zero-vector':
      return changeOne(vectors, index, (numbers) => numbers.map(() => '0.0'));
    case 'wrong-dimensions':
      return fault.which === 'one'
        ? changeOne(vectors, index, (numbers) => resize(numbers, fault.dimensions))
        : vectors.map((vector) => change(vector, (numbers) => resize(numbers, fault.dimensions)));
  }
}

function withCount(vectors: readonly EncodedVector[], count: number): readonly EncodedVector[] {
  if (vectors.length === 0) return vectors;
  return Array.from({ length: Math.max(0, count) }, (_, i) => vectors[i % vectors.length] as EncodedVector); // i % length is inside
}

function changeOne(vectors: readonly EncodedVector[], index: number, edit: Edit): readonly EncodedVector[] {
  return vectors.map((vector, i) => (i === index ? change(vector, edit) : vector));
}

type Edit = (numbers: readonly string[]) => readonly string[];

function change(vector: EncodedVector, edit: Edit): EncodedVector {
  const numbers = edit(vector.json.toString('latin1').slice(1, -1).split(','));
  return {
    json: Buffer.from(`[${numbers.join(',')}]`),
    floats: floatBytes(numbers.map((number) => (number === 'null' ? Number.NaN : Number(number)))),
  };
}

function resize(numbers: readonly string[], dimensions: number): readonly string[] {
  return Array.from({ length: dimensions }, (_, i) => numbers[i % numbers.length] ?? '0.0');
}
