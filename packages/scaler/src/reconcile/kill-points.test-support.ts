import type { GroupSettings } from '../values/group-settings.ts';
import type { ABILITIES, LoopPlatform } from './loop-platform.test-support.ts';
import { NO_SIGNAL, World } from './world.test-support.ts';

/** A world that is brought into a state, then changed tick by tick. */
export interface Scenario {
  readonly settings: Partial<GroupSettings>;
  /** Messages while the world is brought into its first state, eight ticks long; absent: it begins with nothing. */
  readonly queueBefore?: number;
  /** What happens before each tick, by its number. */
  readonly changes: Readonly<Record<number, (world: World) => void>>;
  /** Ticks that may be disturbed. */
  readonly ticks: number;
  /** Launches and the most replicas at once, undisturbed. */
  readonly launches: number;
  readonly peak: number;
}

/** Where a scaler is killed: at its `call`-th call of store or platform, without, with one step of, or with all that it would have done. */
export interface KillPoint {
  readonly call: number;
  readonly effect: 'before' | 'halfway' | 'after';
}

/** What a run came to. */
export interface Outcome {
  /** Names of the calls that the first scaler made in the ticks that may be disturbed, in order. */
  readonly calls: readonly string[];
  readonly launched: readonly string[];
  readonly peak: number;
  readonly orphans: readonly string[];
  readonly missing: readonly string[];
  readonly end: {
    readonly desired: number | undefined;
    readonly rows: readonly string[];
    readonly existing: number;
  };
}

/** Ticks that nothing disturbs: more than a lease, a start-up, a time to drain and the replacement of a late replica take. */
const TICKS_TO_REST = 45;

/** Runs a scenario; its scaler is killed at `point`, and another one, on the same store and platform, runs to rest. */
export async function runScenario(
  { settings, queueBefore, changes, ticks }: Scenario,
  abilities: (typeof ABILITIES)[keyof typeof ABILITIES],
  point?: KillPoint,
): Promise<Outcome> {
  const world = new World({
    drainSeconds: 60,
    startup: { expectedSeconds: 20, timeoutSeconds: 40 },
    ...settings,
  });
  world.abilities = abilities;
  if (queueBefore !== undefined) {
    world.queue = queueBefore;
    await world.ticks(world.scaler(), 8);
  }
  const calls = new Calls(point, world.platform);
  const store = calls.guard(world.store);
  let scaler = world.scaler({ store, driver: calls.guard(world.platform.driver(abilities)) });
  for (let tick = 0; tick < ticks + TICKS_TO_REST; tick += 1) {
    changes[tick]?.(world);
    if (tick === ticks) calls.stopCounting();
    await scaler.tick(NO_SIGNAL).catch(() => undefined);
    // The next process begins where the last one ended, at the next tick, under its own name.
    if (calls.over) {
      scaler = world.scaler({ holder: 'b' });
      calls.begun();
    }
    await world.clock.advance(5_000);
  }
  const ids = new Set(world.rows.map(({ id }) => id));
  const existing = new Set(world.platform.ids);
  return {
    calls: calls.names,
    launched: world.platform.launched,
    peak: world.platform.peak,
    orphans: [...existing].filter((id) => !ids.has(id)),
    missing: [...ids].filter((id) => !existing.has(id)),
    end: {
      desired: world.desired,
      rows: world.rows.map(({ state }) => state.kind).sort(),
      existing: existing.size,
    },
  };
}

/** Counts calls, and kills at one of them. */
class Calls {
  readonly #point: KillPoint | undefined;
  readonly #platform: LoopPlatform;
  #names: string[] = [];
  #counting = true;
  #state: 'alive' | 'killed' | 'replaced' = 'alive';

  constructor(point: KillPoint | undefined, platform: LoopPlatform) {
    this.#point = point;
    this.#platform = platform;
  }

  get names(): readonly string[] {
    return this.#names;
  }

  /** Whether the first scaler is dead and no other one has begun. */
  get over(): boolean {
    return this.#state === 'killed';
  }

  begun(): void {
    this.#state = 'replaced';
  }

  /** What comes to rest from here on makes the same calls over and over. */
  stopCounting(): void {
    this.#counting = false;
  }

  guard<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (of, name) => {
        const member: unknown = Reflect.get(of, name);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) =>
          this.#run(String(name), () => Reflect.apply(member, of, args) as unknown);
      },
    });
  }

  #run(name: string, effect: () => unknown): unknown {
    if (this.#state !== 'alive') throw new Error('killed');
    if (!this.#counting) return effect();
    this.#names.push(name);
    if (this.#names.length !== this.#point?.call) return effect();
    this.#state = 'killed';
    const killed = new Error('killed');
    if (this.#point.effect === 'before') throw killed;
    this.#platform.mostPerOrder = this.#point.effect === 'halfway' ? 1 : Number.POSITIVE_INFINITY;
    const result = effect();
    this.#platform.mostPerOrder = Number.POSITIVE_INFINITY;
    if (!(result instanceof Promise)) throw killed;
    return result.then(() => {
      throw killed;
    });
  }
}
