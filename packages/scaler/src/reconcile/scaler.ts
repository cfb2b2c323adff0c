import type { Clock } from '../clock.ts';
import type { Driver } from '../drivers/driver.ts';
import type { Random } from '../random.ts';
import type { Store } from '../store/store.ts';
import type { GroupSettings } from '../values/group-settings.ts';
import { CALL_MS, type DriverCall, reportedCalls } from './driver-call.ts';
import { DueTimes } from './due-times.ts';
import { type Found, GroupLoop } from './group-loop.ts';
import { type PeerView, peersOf } from './peers-of.ts';
import { isActive } from './plan.ts';
import type { Readings, SignalSource } from './readings.ts';
import type { ScalerEvent } from './scaler-event.ts';
import { tickSeconds } from './tick-seconds.ts';

/** A group and who carries out what is settled for it. */
export interface DrivenGroup {
  readonly settings: GroupSettings;
  readonly driver: Driver;
}

export interface ScalerParts {
  /** Asked at each tick: settings may change while it runs. */
  readonly groups: () => readonly DrivenGroup[];
  readonly store: Store;
  readonly signals: SignalSource;
  readonly clock: Clock;
  readonly random: Random;
  /** Decide, explain, never act. */
  readonly dryRun: boolean;
  /** This scaler's name in the lease. */
  readonly holder: string;
  readonly emit: (event: ScalerEvent) => void;
}

/** A leader that says nothing for so long has gone. */
const LEASE_MS = 20_000;

/** How often it is asked for between ticks that lie further apart. */
const RENEW_MS = 5_000;

/** The control loop: each tick reads everything, decides for each group, writes what it settled, and acts. */
export class Scaler {
  readonly #parts: ScalerParts;
  readonly #call: DriverCall;
  readonly #loops = new Map<string, { readonly driver: Driver; readonly loop: GroupLoop }>();
  #epoch: number | undefined;
  #ticked = false;
  readonly #due = new DueTimes();
  /** Of each group, as its last tick had it: groups that share work look at each other. */
  #views: ReadonlyMap<string, PeerView> = new Map();
  #wake = new AbortController();

  constructor(parts: ScalerParts) {
    this.#parts = parts;
    this.#call = reportedCalls(parts.clock, parts.emit);
  }

  /** Whether a tick, acting or standing by, came to its end. */
  get ready(): boolean {
    return this.#ticked;
  }

  /** Whether this scaler is the one that acts. */
  get leading(): boolean {
    return this.#epoch !== undefined;
  }

  /** Begins the next tick of all groups at once; woken again, as soon as their platforms may be asked again. */
  wake(): void {
    this.#due.hurry();
    this.#wake.abort();
  }

  /** Ticks until `signal` is aborted; a tick that fails is reported and the next one comes all the same. */
  async run(signal: AbortSignal): Promise<void> {
    const { emit, store, holder } = this.#parts;
    while (!signal.aborted) {
      this.#wake = new AbortController();
      await this.#round(signal).catch((error: Error) => emit({ kind: 'tick-failed', error }));
      await this.#rest(AbortSignal.any([signal, this.#wake.signal]));
    }
    try {
      store.releaseLease(holder);
    } catch (error) {
      emit({ kind: 'tick-failed', error: error as Error }); // it runs out by itself
    }
  }

  /** Those that are due; woken before any is, it asks nobody anything. */
  async #round(signal: AbortSignal): Promise<void> {
    const { clock, groups } = this.#parts;
    const all = groups();
    const due = this.#due.of(all, clock.nowMs());
    if (due.length > 0 || all.length === 0) await this.tick(signal, due);
  }

  /** One round over some groups, or over all. */
  async tick(signal: AbortSignal, driven: readonly DrivenGroup[] = this.#parts.groups()): Promise<void> {
    const { clock, signals, emit } = this.#parts;
    this.#due.begin(driven, clock.nowMs());
    const epoch = this.#lead();
    if (epoch !== undefined) {
      // Together, so that none of them is left to fail unheard.
      const [readings, found] = await Promise.all([
        signals.read(clock.nowMs(), signal),
        Promise.all(
          driven.map(async (each) => {
            try {
              return [{ ...each, found: await this.#loopOf(each).find(each.settings, clock.nowMs()) }];
            } catch (error) {
              // One group's damaged state holds up no other.
              emit({ kind: 'tick-failed', error: error as Error });
              return [];
            }
          }),
        ),
      ]);
      await this.#act(epoch, found.flat(), readings);
    }
    this.#due.end(driven, clock.nowMs());
    this.#ticked = true;
  }

  /** Sleeps until a group is due, which is at once when the lease of another is up; one's own does not end meanwhile. */
  async #rest(signal: AbortSignal): Promise<void> {
    const { clock, emit } = this.#parts;
    const restMs = this.#restMs();
    if (restMs > 0 && !signal.aborted) emit({ kind: 'resting', untilMs: clock.nowMs() + restMs });
    for (let leftMs = restMs; leftMs > 0; leftMs -= RENEW_MS) {
      await clock.sleep(Math.min(leftMs, RENEW_MS), signal);
      if (signal.aborted || leftMs <= RENEW_MS) return;
      const acted = this.leading;
      try {
        if (this.#lead() !== undefined && !acted) {
          this.#due.forget();
          return;
        }
      } catch (error) {
        emit({ kind: 'tick-failed', error: error as Error }); // a store throws nothing else
      }
    }
  }

  #restMs(): number {
    const { clock, groups } = this.#parts;
    try {
      return this.#due.restMs(groups(), clock.nowMs());
    } catch {
      return RENEW_MS; // the next round says what it is
    }
  }

  async #act(
    epoch: number,
    groups: readonly (DrivenGroup & { readonly found: Found })[],
    readings: Readings,
  ): Promise<void> {
    const nowMs = this.#parts.clock.nowMs();
    const views = groups.map((each) => ({ ...each, ...this.#viewOf(each, readings, nowMs) }));
    const all = this.#remember(views);
    const settled = views.flatMap((view) => {
      const { settings, found, samples } = view;
      const peers = peersOf(view, all, nowMs);
      try {
        const at = { nowMs, epoch };
        return [
          { ...view, settled: this.#loopOf(view).settle(settings, found, samples, peers, readings, at) },
        ];
      } catch (error) {
        this.#parts.emit({ kind: 'tick-failed', error: error as Error });
        return [];
      }
    });
    // Those that tick before these tick again count on what was settled now. What a dry run settles never comes.
    if (!this.#parts.dryRun)
      this.#remember(
        settled.map(({ settled: { decision, rows }, ...view }) => ({
          ...view,
          rows,
          desired: decision.target,
        })),
      );
    for (const { settings, driver, settled: now } of settled) {
      const { intervalSeconds } = settings;
      const seconds = tickSeconds(
        { intervalSeconds, leastTickSeconds: driver.leastTickSeconds, rows: now.rows },
        nowMs,
      );
      this.#due.next(settings.name, seconds);
    }
    // The reading took its time: another scaler may have taken over meanwhile. The deadline begins before the lease is asked for, so that a
    // process which stands still in between finds it over when it goes on.
    const deadline = AbortSignal.timeout(CALL_MS);
    if (this.#lead() !== epoch) return;
    const at = { nowMs, deadline };
    await Promise.all(
      settled.map((each) => this.#loopOf(each).carryOut(each.settings, each.found, each.settled, at)),
    );
  }

  /** These views, and the last ones of groups that this round is not about. */
  #remember(views: readonly PeerView[]): readonly PeerView[] {
    const configured = new Set(this.#parts.groups().map(({ settings }) => settings.name));
    const known = [...this.#views].filter(([name]) => configured.has(name));
    this.#views = new Map([...known, ...views.map((view) => [view.settings.name, view] as const)]);
    return [...this.#views.values()];
  }

  /** Takes or keeps the lease; undefined while another scaler has it. */
  #lead(): number | undefined {
    const { store, holder, clock, emit } = this.#parts;
    const lease = store.acquireLease(holder, clock.nowMs(), LEASE_MS);
    const epoch = lease.kind === 'held' ? lease.epoch : undefined;
    const leading = epoch !== undefined;
    const standsByAtFirst = !leading && !this.#ticked;
    if (leading !== this.leading || standsByAtFirst) emit({ kind: 'leading', leading, holder });
    if (epoch === this.#epoch) return epoch;
    if (leading) for (const { loop } of this.#loops.values()) loop.reset();
    this.#epoch = epoch;
    return epoch;
  }

  #loopOf({ settings: { name }, driver }: DrivenGroup): GroupLoop {
    const known = this.#loops.get(name);
    if (known?.driver === driver) return known.loop;
    const { store, dryRun, emit } = this.#parts;
    const loop = new GroupLoop({
      driver,
      store,
      dryRun,
      emit,
      newId: (group, nowMs) => this.#newId(group, nowMs),
      call: this.#call,
    });
    this.#loops.set(name, { driver, loop });
    return loop;
  }

  /** Unique for ever as far as time and 31 bits of chance make it so; readable in a process list. */
  #newId(group: string, nowMs: number): string {
    const chance = Math.floor(this.#parts.random() * 2 ** 31);
    return `${group}-${Math.floor(nowMs / 1_000).toString(36)}-${chance.toString(36)}`;
  }

  #viewOf(group: DrivenGroup & { readonly found: Found }, readings: Readings, nowMs: number): PeerView {
    const { settings, found } = group;
    const { rows, state, startupSeconds, measured } = found;
    const readyIds = rows.filter((row) => isActive(row) && row.state.kind === 'ready').map(({ id }) => id);
    const { name, class: ofClass } = settings;
    const replicaIds = rows.map(({ id }) => id);
    // What somebody configured goes before what the platform says by itself.
    const samples = { ...measured, ...readings.samplesFor({ name, class: ofClass, replicaIds, readyIds }) };
    const chunksPerSecond = this.#loopOf(group).speed(settings, samples, nowMs);
    return { settings, rows, desired: state.desired, samples, chunksPerSecond, startupSeconds };
  }
}
