import { loadConfig } from '../../config/load-config.ts';
import type { Finding } from '../finding.ts';
import { OWN_RULES } from './own-rules.ts';

/** What the environment gives where the program runs, as far as a file may count on it. */
const ENVIRONMENT = { HOME: '/', FOREBAY_ADMIN_KEY: 'given-where-it-runs' };

/** Lints a configuration file of ours: what stops it from loading, or else what in it does nothing. */
export function lintOwn(
  text: string,
  file: string,
  written: unknown,
  lineOf: (path: readonly PropertyKey[]) => number,
): Finding[] {
  const loaded = loadConfig({ env: ENVIRONMENT, argv: [`--config=${file}`], readFile: () => text });
  if (loaded.kind === 'config-error') {
    return loaded.problems.map((problem) => {
      const [place = '', line] = problem.startsWith(`${file}:`)
        ? (/^:(\d+) /.exec(problem.slice(file.length)) ?? [])
        : [];
      const why = line === undefined ? problem : problem.slice(file.length + place.length);
      return { file, line: Number(line ?? 1), rule: 'invalid', why, instead: 'what it must be' };
    });
  }
  return OWN_RULES.flatMap(({ id, check }) =>
    check({ config: loaded.config, written }).map(({ path, why, instead }) => ({
      file,
      line: lineOf(path),
      rule: id,
      why,
      instead,
    })),
  );
}
