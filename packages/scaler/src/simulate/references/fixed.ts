import type { NamedController } from '../controller.ts';

/** The same count all the time: what a policy has to be better than. */
export function fixed(count: number): NamedController {
  return { name: `fixed:${count}`, start: () => ({ desired: () => count }) };
}
