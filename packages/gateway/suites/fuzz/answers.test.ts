import { expect, it } from 'vitest';
import { fuzzAnswers } from './fuzz-answers.ts';

const answers = Number(process.env.FUZZ_ANSWERS ?? 2_000);
const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));

it(`hands out no vector of ${answers} spoiled answers that could be seen to be wrong`, async () => {
  console.info(`FUZZ_ANSWERS=${answers} FUZZ_SEED=${seed}`);
  const summary = await fuzzAnswers(answers, seed);
  console.info(JSON.stringify(summary));
  expect(summary.cases).toBe(answers);
});
