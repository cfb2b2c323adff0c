import type { Clock } from '../../clock.ts';
import { ScalerError } from '../../errors.ts';
import { linuxProcessTable } from './linux-process-table.ts';
import type { ProcessTable } from './process-table.ts';
import { psProcessTable } from './ps-process-table.ts';

/** The table of this machine. Throws `SCALER_CONFIG` where there is none that shows environments (Windows). */
export function systemProcessTable(clock: Clock): ProcessTable {
  const uid = process.getuid?.();
  if (uid === undefined) {
    throw new ScalerError('SCALER_CONFIG', `SCALER_DRIVER process does not run on ${process.platform}`);
  }
  return process.platform === 'linux' ? linuxProcessTable(uid, clock) : psProcessTable(uid);
}
