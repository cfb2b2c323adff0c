/** Something that quietly does nothing, or the wrong thing. */
export interface Finding {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** Id of the rule, as in docs/scaler-lint.md. */
  readonly rule: string;
  /** What happens, with the file's own numbers. */
  readonly why: string;
  /** What to write, in place of it. */
  readonly instead: string;
}

/** What a rule found in values: the place is a path into them. */
export interface Hit {
  readonly path: readonly PropertyKey[];
  readonly why: string;
  readonly instead: string;
}

/** One rule over one kind of subject. */
export interface Rule<Subject> {
  readonly id: string;
  readonly check: (subject: Subject) => readonly Hit[];
}
