import type { HeldLaunches } from '../decide/decide.ts';
import type { ScaleOrder } from '../drivers/driver.ts';
import { ScalerError } from '../errors.ts';
import { backOffMs, isHeld } from './back-off.ts';

/** Counts orders of one group that its driver refused in a row, and says which ones wait for it. */
export class RefusedOrders {
  #inARow = 0;
  #notBeforeMs = 0;
  #last = '';
  /** The last order that failed for lack of room; undefined when it failed for another reason. */
  #lackedRoom: ScaleOrder | undefined;

  count(order: ScaleOrder, error: Error, nowMs: number): void {
    const lacksRoom = error instanceof ScalerError && error.code === 'SCALER_DRIVER_CAPACITY';
    this.#lackedRoom = lacksRoom ? order : undefined;
    this.#last = error.message;
    this.#inARow += 1;
    this.#notBeforeMs = nowMs + backOffMs(this.#inARow);
  }

  /** An order was taken. */
  forget(): void {
    this.#inARow = 0;
    this.#notBeforeMs = 0;
  }

  /** Orders that failed wait, but where only room was missing, one that makes some needs none: it ends others too, or wants fewer. */
  holdBack({ desired, launch, remove }: ScaleOrder, nowMs: number): boolean {
    if (!isHeld(this.#notBeforeMs, nowMs)) return false;
    const tried = this.#lackedRoom;
    if (tried === undefined) return true;
    const wantsFewer = launch.length === 0 && desired < tried.desired;
    return !wantsFewer && remove.every((id) => tried.remove.includes(id));
  }

  /** Why launches wait, where `existing` replicas are all there are; undefined once an order was taken. */
  held(driverName: string, existing: number): HeldLaunches | undefined {
    if (this.#inARow === 0) return undefined;
    const because = `${driverName} refused ${this.#inARow} order(s) in a row, the last one: ${this.#last}`;
    return { name: 'refused-orders', because, untilMs: this.#notBeforeMs, existing };
  }
}
