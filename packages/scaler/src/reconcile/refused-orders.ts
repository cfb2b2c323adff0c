import type { HeldLaunches } from '../decide/decide.ts';
import type { ScaleOrder } from '../drivers/driver.ts';
import { ScalerError } from '../errors.ts';
import { backOffMs, isHeld } from './back-off.ts';

/** Replicas that the platform lists. */
type Existing = readonly { readonly id: string }[];

/** Counts orders of one group that its driver refused in a row, and says which ones wait for it. */
export class RefusedOrders {
  #inARow = 0;
  #notBeforeMs = 0;
  #last = '';
  #failed: { readonly order: ScaleOrder; readonly lackedRoom: boolean } | undefined;

  /** One that went through in part goes on at the pace of its platform: what is left of it counts as the first. */
  count(order: ScaleOrder, error: Error, existing: Existing, nowMs: number): void {
    const madeHeadway = existing.some(({ id }) => this.#failed?.order.launch.includes(id));
    const lackedRoom = error instanceof ScalerError && error.code === 'SCALER_DRIVER_CAPACITY';
    this.#failed = { order, lackedRoom };
    this.#last = error.message;
    this.#inARow = madeHeadway ? 1 : this.#inARow + 1;
    this.#notBeforeMs = nowMs + backOffMs(this.#inARow);
  }

  /** An order was taken. */
  forget(): void {
    this.#inARow = 0;
    this.#notBeforeMs = 0;
  }

  /**
   * Orders that failed wait, but what is new in one doesn't. Where only room was missing, one that makes some needs none: it ends others too, or wants
   * fewer. And where all that was to be launched exists, as where one that is to go can't be ended, more is launched.
   */
  holdBack({ desired, launch, remove }: ScaleOrder, existing: Existing, nowMs: number): boolean {
    if (!isHeld(this.#notBeforeMs, nowMs) || this.#failed === undefined) return false;
    const { order: failed, lackedRoom } = this.#failed;
    const wantsFewer = launch.length === 0 && desired < failed.desired;
    const endsMore = remove.some((id) => !failed.remove.includes(id));
    const isLaunched = failed.launch.every((id) => existing.some((each) => each.id === id));
    const wantsMore = launch.length > 0 || desired > failed.desired;
    return !(lackedRoom && (wantsFewer || endsMore)) && !(isLaunched && wantsMore);
  }

  /** Why launches wait, where `existing` replicas are all there are; undefined once an order was taken. */
  held(driverName: string, existing: number): HeldLaunches | undefined {
    if (this.#inARow === 0) return undefined;
    const because = `${driverName} refused ${this.#inARow} order(s) in a row, the last one: ${this.#last}`;
    return { name: 'refused-orders', because, untilMs: this.#notBeforeMs, existing };
  }
}
