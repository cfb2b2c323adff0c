import type { Backend } from '../backend/backend.ts';
import {
  type IdentityEvent,
  type IdentityState,
  identityVerdicts,
  transition,
  unknownIdentity,
} from '../identity/identity-reference.ts';

/** Lets only those backends serve that embed the canary texts alike, model by model. */
export class IdentityGuard {
  readonly #states = new Map<string, IdentityState>();
  readonly #backendsOf: (model: string) => readonly Backend[];

  constructor(backendsOf: (model: string) => readonly Backend[]) {
    this.#backendsOf = backendsOf;
  }

  /** Has a backend embed the canaries, and lets it in or refuses it; others too where they turn out to be the odd ones. Never rejects. */
  async examine(backend: Backend): Promise<void> {
    const fingerprint = await backend.takeFingerprint();
    if (!fingerprint || backend.signal.aborted) return;
    this.#after(backend, { kind: 'measured', id: backend.id, fingerprint });
  }

  left(backend: Backend): void {
    this.#after(backend, { kind: 'left', id: backend.id });
  }

  /** From now on all must embed as this one does; false when it embeds nothing. */
  async name(backend: Backend): Promise<boolean> {
    const fingerprint = await backend.takeFingerprint();
    if (!fingerprint) return false;
    const { id } = backend;
    this.#after(backend, { kind: 'measured', id, fingerprint }, { kind: 'named', id });
    return true;
  }

  #after(about: Backend, ...events: readonly IdentityEvent[]): void {
    const { model } = about.entry;
    let state = this.#states.get(model) ?? unknownIdentity;
    for (const event of events) state = transition(state, event);
    this.#states.set(model, state);
    const verdicts = identityVerdicts(state);
    for (const backend of this.#backendsOf(model)) {
      const verdict = verdicts.get(backend.id);
      const fingerprint = state.fingerprints.get(backend.id);
      if (verdict?.kind === 'different') backend.standing.refuse(verdict.message);
      else if (fingerprint && backend === about) backend.admit(fingerprint);
      else if (fingerprint && backend.standing.refused) backend.pardon(fingerprint);
    }
  }
}
