/** Why the configuration can't be used: every problem found, not only the first. */
export interface ConfigError {
  readonly kind: 'config-error';
  readonly problems: readonly string[];
  /** All problems, one a line, under a heading. */
  readonly message: string;
}

/** At least one problem, each a sentence that names the setting, its value and its bound. */
export function configError(problems: readonly string[]): ConfigError {
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  return {
    kind: 'config-error',
    problems,
    message: `The configuration has ${count}:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
  };
}
