import { EmbedderPool, PoolError } from '@forebay/pool-client';
import { expectedVector, type SimulatedBackend, startSimulatedBackend } from '@forebay/testing';
import fc from 'fast-check';
import { MODEL } from '../../test/apis.ts';
import { type Mutation, mutations } from './answer-mutations.ts';
import { type MutantServer, type Struck, startMutantServer } from './mutant-server.ts';

/** Longest wait of one call; no call may take longer. */
const TIMEOUT_MS = 8_000;
/** What a busy machine may be late. */
const SLACK_MS = 1_500;
/** Calls at a time, so that both backends have work. */
const CALLS = 4;
const DIMENSIONS = 384;
/** Longest time to get the mutant asked: it may still be busy with the silence of its last answer. */
const ASK_MS = 1_000;

/** What a fuzz of answers came to. */
export interface AnswersSummary {
  readonly cases: number;
  /** Spoiled answers that the pool asked for, by the way they were spoiled. */
  readonly struck: Readonly<Record<string, number>>;
  /** Wrong vectors that stood in a spoiled answer as a sound list: no check of one answer can tell. */
  readonly undetectable: number;
  /** Calls that ended in a PoolError, by code. */
  readonly errors: Readonly<Record<string, number>>;
}

/** Spoils that many answers. Rejects with the shrunk way, its bytes and the seed, where one breaks a law. */
export async function fuzzAnswers(cases: number, seed: number): Promise<AnswersSummary> {
  await using mutant = await startMutantServer();
  await using well = await startSimulatedBackend({ aMs: 1 });
  const sum = { struck: new Map<string, number>(), errors: new Map<string, number>(), undetectable: 0 };
  const count = (map: Map<string, number>, name: string) => map.set(name, (map.get(name) ?? 0) + 1);
  let pool: EmbedderPool | undefined;
  let number = 0;
  let strike: Struck | undefined;
  const run = async (mutation: Mutation) => {
    if (!pool || !allServe(pool)) {
      await pool?.close();
      pool = await provenPool(mutant, well);
    }
    mutant.arm(mutation);
    const results: CallResult[] = [];
    const untilMs = performance.now() + ASK_MS;
    while (!mutant.hasStruck && performance.now() < untilMs) {
      const calls = Array.from({ length: CALLS }, () => [0, 1, 2, 3].map((i) => `text ${++number} ${i}`));
      results.push(...(await Promise.all(calls.map(encodeOf(pool)))));
    }
    strike = mutant.disarm();
    // What a spoiled answer left behind on its connection would hit the next one.
    results.push(await encodeOf(pool)([`text ${++number}`]));
    if (strike) count(sum.struck, mutation.name);
    for (const { code, wrong } of results) {
      if (code !== undefined) count(sum.errors, code);
      for (const [text, vector] of wrong) {
        if (!stoodThere(strike, text, vector)) throw new Error(`a wrong vector for ${JSON.stringify(text)}`);
        sum.undetectable += 1;
      }
    }
  };
  const result = await fc.check(fc.asyncProperty(mutations, run), { numRuns: cases, seed });
  await pool?.close();
  if (result.failed) {
    const bytes = strike?.bytes ?? Buffer.alloc(0);
    throw new Error(
      `broken by "${result.counterexample?.[0].name}": ${String(result.errorInstance)}\n` +
        `${bytes.length} bytes: ${JSON.stringify(bytes.subarray(0, 600).toString('latin1'))}\n` +
        `base64: ${bytes.toString('base64').slice(0, 60_000)}\nFUZZ_SEED=${seed}, case ${result.numRuns}`,
    );
  }
  const { struck, errors, undetectable } = sum;
  return { cases, struck: Object.fromEntries(struck), errors: Object.fromEntries(errors), undetectable };
}

interface CallResult {
  readonly code: string | undefined;
  readonly wrong: readonly (readonly [text: string, vector: readonly number[] | undefined])[];
}

/** One call; rejects where it takes too long or ends in anything but vectors or a PoolError. */
function encodeOf(pool: EmbedderPool): (texts: readonly string[]) => Promise<CallResult> {
  return async (texts) => {
    const startMs = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      const tooLate = () => reject(new Error(`a call did not end within ${TIMEOUT_MS + SLACK_MS} ms`));
      timer = setTimeout(tooLate, TIMEOUT_MS + SLACK_MS);
    });
    try {
      const vectors = await Promise.race([pool.encode([...texts], { timeoutMs: TIMEOUT_MS }), late]);
      const pairs = texts.map((text, i) => [text, vectors[i]] as const);
      return { code: undefined, wrong: pairs.filter(([text, vector]) => !isRight(text, vector)) };
    } catch (error) {
      if (!(error instanceof PoolError)) throw error;
      return {
        code: `${error.code} after ${Math.round((performance.now() - startMs) / 1_000)} s`,
        wrong: [],
      };
    } finally {
      clearTimeout(timer);
    }
  };
}

function isRight(text: string, vector: readonly number[] | undefined): boolean {
  const expected = expectedVector(text, { model: MODEL });
  return vector?.length === expected.length && expected.every((value, i) => vector[i] === value);
}

/** Whether the spoiled answer said just this in the text's place, as sound JSON that `full` has no reason to doubt. */
function stoodThere(
  strike: Struck | undefined,
  text: string,
  vector: readonly number[] | undefined,
): boolean {
  const norm = Math.hypot(...(vector ?? []));
  if (!strike || vector?.length !== DIMENSIONS || norm < 0.5 || norm > 2) return false;
  const said = strike.bytes.toString('latin1');
  try {
    const lists: unknown = JSON.parse(said.slice(said.indexOf('\r\n\r\n') + 4));
    const there = Array.isArray(lists) ? lists[strike.texts.indexOf(text)] : undefined;
    return JSON.stringify(there) === JSON.stringify(vector);
  } catch {
    return false;
  }
}

function allServe(pool: EmbedderPool): boolean {
  return pool.stats().backends.every(({ state }) => state === 'serving');
}

async function provenPool(mutant: MutantServer, well: SimulatedBackend): Promise<EmbedderPool> {
  const pool = new EmbedderPool({
    backends: [`${mutant.djlUrl};maxBatch=4`, `${well.djlUrl};maxBatch=4`],
    verify: 'full',
    batchTimeoutMs: 400,
  });
  await pool.ready();
  while (!allServe(pool)) await new Promise((resolve) => setTimeout(resolve, 2));
  return pool;
}
