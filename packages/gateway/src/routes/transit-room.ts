import type { Clock } from '@forebay/pool-client';
import { type Pace, slowest, type UnderWay } from './slowest.ts';

/** While the room is full: two seconds, and 10 MiB/s from there on. */
const FULL_ROOM_PACE: Pace = { graceMs: 2_000, bytesPerMs: (10 * 2 ** 20) / 1_000 };

/** After a look that found nobody too slow, the next one, in milliseconds: it costs a walk over all that is under way. */
const LOOK_AGAIN_MS = 100;

/**
 * Bounds the bytes that are on their way from or to callers. A full room is made free at the cost of its slowest: whoever sends or
 * reads as slowly as it likes may do so only as long as it keeps nobody out.
 */
export class TransitRoom {
  readonly #maxBytes: number;
  readonly #clock: Clock;
  readonly #parcels = new Set<Parcel>();
  #bytes = 0;
  #lookAgainMs = Number.NEGATIVE_INFINITY;

  constructor(maxBytes: number, clock: Clock) {
    this.#maxBytes = maxBytes;
    this.#clock = clock;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get maxBytes(): number {
    return this.#maxBytes;
  }

  /** Whether there is room for one more; cuts the slowest off where there was none. */
  makeRoom(): boolean {
    if (this.#bytes < this.#maxBytes) return true;
    const nowMs = this.#clock.nowMs();
    if (nowMs < this.#lookAgainMs) return false;
    const neededBytes = this.#bytes - this.#maxBytes + 1;
    const late = slowest(this.#parcels, nowMs, neededBytes, FULL_ROOM_PACE);
    if (late.length === 0) this.#lookAgainMs = nowMs + LOOK_AGAIN_MS;
    for (const parcel of late) parcel.cutOff();
    return this.#bytes < this.#maxBytes;
  }

  /** Something is under way until its `end()`; `cut` ends its connection when it is too slow for a full room. */
  begin(cut: () => void, bytes = 0): Parcel {
    const parcel = new Parcel(this.#clock.nowMs(), cut, {
      add: (more) => {
        this.#bytes += more;
        return this.makeRoom();
      },
      ended: (ended) => {
        this.#bytes -= ended.bytes;
        this.#parcels.delete(ended);
      },
    });
    this.#parcels.add(parcel);
    if (bytes > 0) parcel.add(bytes);
    return parcel;
  }
}

interface Room {
  add(bytes: number): boolean;
  ended(parcel: Parcel): void;
}

/** One thing under way. */
class Parcel implements UnderWay {
  readonly sinceMs: number;
  readonly #cut: () => void;
  readonly #room: Room;
  #bytes = 0;
  #ended = false;

  constructor(sinceMs: number, cut: () => void, room: Room) {
    this.sinceMs = sinceMs;
    this.#cut = cut;
    this.#room = room;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** More of it has come; false where there is no room for it any more. */
  add(bytes: number): boolean {
    if (this.#ended) return false;
    this.#bytes += bytes;
    return this.#room.add(bytes) && !this.#ended;
  }

  /** It has arrived, or its caller is gone. Counts once. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#room.ended(this);
  }

  cutOff(): void {
    this.end();
    this.#cut();
  }
}

export type { Parcel };
