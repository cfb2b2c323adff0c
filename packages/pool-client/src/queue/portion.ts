import type { Job } from '../job.ts';

/** The waiting chunks of one job that are of like length, in order. */
export class Portion {
  readonly job: Job;
  readonly bucket: number;
  /** Of the job among all that came: the lower the older. */
  readonly sequence: number;
  /** The chunks' indices in the job; undefined where these are all from 0 on. */
  readonly #indices: Int32Array | undefined;
  readonly #size: number;
  #taken = 0;
  #characters: number;

  constructor(job: Job, sequence: number, bucket: number, characters: number, indices?: Int32Array) {
    this.job = job;
    this.sequence = sequence;
    this.bucket = bucket;
    this.#indices = indices;
    this.#size = indices?.length ?? job.total;
    this.#characters = characters;
  }

  /** Chunks that wait. */
  get chunks(): number {
    return this.#size - this.#taken;
  }

  /** The index of the next chunk in its job; only while there is one. */
  get next(): number {
    return this.#indices?.[this.#taken] ?? this.#taken;
  }

  /** UTF-16 units of the chunks that wait. */
  get characters(): number {
    return this.#characters;
  }

  /** Takes the next chunk, of this many characters. */
  take(characters: number): void {
    this.#taken += 1;
    this.#characters -= characters;
  }

  /** Lets go of what waits. */
  drop(): void {
    this.#taken = this.#size;
    this.#characters = 0;
  }
}

/** Sorts a job's chunks by their length. */
export function portionsOf(
  job: Job,
  sequence: number,
  bucketOf: (characters: number) => number,
): readonly Portion[] {
  const first = bucketOf(job.charactersOf(0));
  let alike = 0;
  let characters = 0;
  for (; alike < job.total; alike += 1) {
    const length = job.charactersOf(alike);
    if (bucketOf(length) !== first) break;
    characters += length;
  }
  // The usual case: one text, or texts of one kind.
  if (alike === job.total) return [new Portion(job, sequence, first, characters)];
  return sorted(job, sequence, bucketOf);
}

function sorted(job: Job, sequence: number, bucketOf: (characters: number) => number): readonly Portion[] {
  const buckets = new Map<number, { readonly indices: number[]; characters: number }>();
  for (let index = 0; index < job.total; index += 1) {
    const length = job.charactersOf(index);
    const bucket = bucketOf(length);
    let own = buckets.get(bucket);
    if (!own) {
      own = { indices: [], characters: 0 };
      buckets.set(bucket, own);
    }
    own.indices.push(index);
    own.characters += length;
  }
  return [...buckets].map(
    ([bucket, { indices, characters }]) =>
      new Portion(job, sequence, bucket, characters, Int32Array.from(indices)),
  );
}
