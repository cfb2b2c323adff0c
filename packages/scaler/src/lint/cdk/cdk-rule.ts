import { numeric } from '../values.ts';
import type { Call, CodeSubject, Property } from './read-code.ts';

/** A finding in a program. */
export interface CodeHit {
  readonly line: number;
  readonly why: string;
  readonly instead: string;
}

/** One rule over programs. */
export interface CodeRule {
  readonly id: string;
  readonly check: (subject: CodeSubject) => readonly CodeHit[];
}

/** A property's number, where one is written. */
export function numberOf(property: Property | undefined): number | undefined {
  // A comment may follow: "60,  // Target 60%".
  return numeric(property?.text.replace(/\s*\/[/*][\s\S]*$/, ''));
}

/** What `cdk.Duration.minutes(5)` says, in seconds. */
export function secondsOf(property: Property | undefined): number | undefined {
  const [, unit = '', count] = /Duration\.(seconds|minutes|hours)\((\d+)\)/.exec(property?.text ?? '') ?? [];
  return count === undefined
    ? undefined
    : Number(count) * ({ seconds: 1, minutes: 60, hours: 3600 }[unit] ?? 1);
}

/** The call whose result a variable or field has. */
export function assigned({ calls }: CodeSubject, name: string): Call | undefined {
  return calls.find(({ assignedTo }) => assignedTo !== '' && assignedTo === name.replace(/^this\./, ''));
}
