import { z } from 'zod';
import { didYouMean } from '../config/fields.ts';
import { nearestName } from '../config/nearest-name.ts';
import { faultsOf } from '../config/problems.ts';
import type { GroupConfig } from '../config/scaler-config.ts';
import { ScalerError } from '../errors.ts';

/**
 * A driver's own options of a group, checked.
 *
 * @throws ScalerError `SCALER_CONFIG` naming group, driver and each wrong option with what stood there
 */
export function readDriverOptions<Schema extends z.ZodType>(
  schema: Schema,
  { name, driver, driverOptions }: Pick<GroupConfig, 'name' | 'driver' | 'driverOptions'>,
): z.output<Schema> {
  const parsed = schema.safeParse(driverOptions, { error: inOurWords });
  if (parsed.success) return parsed.data;
  const faults = faultsOf(parsed.error, driverOptions).map(
    ({ path, message }) => `${path.join('.') || 'driverOptions'}: ${message}`,
  );
  const message = `group ${name}, options of driver ${driver}: ${faults.join('; ')}`;
  throw new ScalerError('SCALER_CONFIG', message);
}

/** What an option must be, where its schema has no words of its own. */
function inOurWords(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${KINDS[issue.expected] ?? `of type ${issue.expected}`}`;
    case 'invalid_value': {
      const values = issue.values.map(String);
      const meant = typeof issue.input === 'string' ? nearestName(issue.input, values) : undefined;
      return `must be ${values.length === 1 ? '' : 'one of '}${values.join(', ')}${didYouMean(meant)}`;
    }
    case 'too_small':
      return `must ${sizeOf(issue.origin)} at least ${issue.minimum}${unitOf(issue.origin)}`;
    case 'too_big':
      return `must ${sizeOf(issue.origin)} at most ${issue.maximum}${unitOf(issue.origin)}`;
    case 'invalid_format':
      return issue.format === 'starts_with' ? `must begin with ${issue.prefix}` : `must be a ${issue.format}`;
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'invalid_union':
      return ''; // what is wrong with the branch that was meant
    case 'unrecognized_keys': {
      const known = issue.inst instanceof z.ZodObject ? Object.keys(issue.inst.shape) : [];
      return issue.keys.map((key) => `is not an option${didYouMean(nearestName(key, known))}`).join('\n');
    }
    default:
      return 'is not as it must be';
  }
}

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'an integer',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

const UNITS: Readonly<Record<string, string>> = { string: ' characters', array: ' items' };

function sizeOf(origin: string): string {
  return origin in UNITS ? 'have' : 'be';
}

function unitOf(origin: string): string {
  return UNITS[origin] ?? '';
}
