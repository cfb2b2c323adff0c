import type { GroupSettings } from '../values/group-settings.ts';
import type { World } from './world.test-support.ts';

/** What happens on a platform while a scaler is killed. */
export interface KillScenario<Platform> {
  readonly settings?: Partial<GroupSettings>;
  /** What is brought about, undisturbed, before calls count. */
  readonly before?: number;
  /** What happens before each tick, by its number. */
  readonly changes: Readonly<Record<number, (world: World, platform: Platform) => void>>;
  /** Replicas at the end, and launches in the whole. */
  readonly end: number;
  readonly launches: number;
}

/** So many messages wait. */
export const queue =
  (messages: number) =>
  (world: World): void => {
    world.queue = messages;
  };

/** Where a scaler is killed: before or after its `call`-th call. */
export interface KilledAt {
  readonly call: number;
  readonly effect: 'before' | 'after';
}

/** Counts calls of what it guards, and kills at one of them: from then on every call fails, as a dead process makes none. */
export class KillableCalls {
  readonly #point: KilledAt | undefined;
  #names: string[] = [];
  #counting = true;
  #state: 'alive' | 'killed' | 'replaced' = 'alive';

  constructor(point: KilledAt | undefined) {
    this.#point = point;
  }

  get names(): readonly string[] {
    return this.#names;
  }

  get killed(): boolean {
    return this.#state === 'killed';
  }

  replaced(): void {
    this.#state = 'replaced';
  }

  stopCounting(): void {
    this.#counting = false;
  }

  guard<T extends object>(target: T, refuse: () => unknown): T {
    return new Proxy(target, {
      get: (of, name) => {
        const member: unknown = Reflect.get(of, name);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) =>
          this.#run(String(name), () => Reflect.apply(member, of, args) as unknown, refuse);
      },
    });
  }

  #run(name: string, effect: () => unknown, refuse: () => unknown): unknown {
    if (this.#state !== 'alive') return refuse();
    if (!this.#counting) return effect();
    this.#names.push(name);
    if (this.#names.length !== this.#point?.call) return effect();
    this.#state = 'killed';
    if (this.#point.effect === 'before') return refuse();
    const result = effect();
    return result instanceof Promise ? result.then(refuse) : refuse();
  }
}

/** How the store's calls fail, and a platform's. */
export function thrown(): never {
  throw new Error('killed');
}
export function rejected(): Promise<never> {
  return Promise.reject(new Error('killed'));
}
