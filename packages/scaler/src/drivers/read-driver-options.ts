import type { z } from 'zod';
import { faultsOf } from '../config/problems.ts';
import type { GroupConfig } from '../config/scaler-config.ts';
import { ScalerError } from '../errors.ts';

/**
 * A driver's own options of a group, checked.
 *
 * @throws ScalerError `SCALER_CONFIG` naming group, driver and each wrong option
 */
export function readDriverOptions<Schema extends z.ZodType>(
  schema: Schema,
  group: GroupConfig,
): z.output<Schema> {
  const parsed = schema.safeParse(group.driverOptions);
  if (parsed.success) return parsed.data;
  const faults = faultsOf(parsed.error, group.driverOptions).map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  );
  const message = `group ${group.name}, options of driver ${group.driver}: ${faults.join('; ')}`;
  throw new ScalerError('SCALER_CONFIG', message);
}
