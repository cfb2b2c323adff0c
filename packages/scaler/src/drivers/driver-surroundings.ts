import type { Clock } from '../clock.ts';
import type { DriverEvent } from './driver.ts';
import type { Ping } from './process/ping.ts';
import type { ProcessDriverEvent } from './process-driver.ts';

/** What drivers are made with besides their group. */
export interface DriverSurroundings {
  /** Tells the replicas of this scaler from others': the same after a restart. */
  readonly pool: string;
  /** Where a driver keeps what belongs to the replicas themselves, such as their logs. */
  readonly stateDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** How instances are asked whether they are up. @default over HTTP, for a second at most */
  readonly ping?: Ping;
  readonly onEvent: (event: ProcessDriverEvent | DriverEvent) => void;
}
