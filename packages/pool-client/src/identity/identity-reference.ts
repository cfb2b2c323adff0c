import { compareFingerprints, type FingerprintVerdict } from './compare-fingerprints.ts';
import type { Fingerprint } from './fingerprint.ts';

/** What backends of one model are compared with: a value, which outlives the backend that it came from. */
export interface IdentityReference {
  /** The backend that embedded the canaries so. */
  readonly id: string;
  readonly fingerprint: Fingerprint;
  /** Whose vector of the long canary it is: another's where `id` refuses long texts. */
  readonly longId: string;
}

/** The last fingerprint of each backend in the pool, in the order in which they were first measured. */
type Fingerprints = ReadonlyMap<string, Fingerprint>;

/**
 * What the backends of one model must embed like:
 * `unknown`     none was measured;
 * `provisional` as the first one does, until two agree;
 * `confirmed`   as two that agreed do, or as an operator said. It stays, also when every backend leaves.
 */
export type IdentityState =
  | { readonly kind: 'unknown'; readonly fingerprints: Fingerprints }
  | {
      readonly kind: 'provisional' | 'confirmed';
      readonly reference: IdentityReference;
      readonly fingerprints: Fingerprints;
    };

/**
 * `measured` a backend embedded the canaries, for the first time or again;
 * `left`     it is in the pool no more;
 * `named`    an operator wants all to embed as this one does now. Does nothing for a backend that was not measured.
 */
export type IdentityEvent =
  | { readonly kind: 'measured'; readonly id: string; readonly fingerprint: Fingerprint }
  | { readonly kind: 'left'; readonly id: string }
  | { readonly kind: 'named'; readonly id: string };

/** Where every model begins. */
export const unknownIdentity: IdentityState = { kind: 'unknown', fingerprints: new Map() };

/**
 * Who is the reference after `event`.
 *
 * A provisional reference serves, and is outvoted by two others that agree with each other and not with it. It goes with its
 * backend; then the one that was measured next is provisional. What is compared is the reference as it was, so a backend whose own
 * model was exchanged is refused as another's would be.
 *
 * To change the model of a pool on purpose: add a backend with the new one, which is refused, then name it, which refuses the old ones.
 */
export function transition(state: IdentityState, event: IdentityEvent): IdentityState {
  switch (event.kind) {
    case 'measured':
      return measured(state, event.id, event.fingerprint);
    case 'left':
      return left(state, event.id);
    case 'named': {
      const fingerprint = state.fingerprints.get(event.id);
      return fingerprint ? confirmed(referenceOf(event.id, fingerprint), state.fingerprints) : state;
    }
  }
}

/**
 * For each backend that was measured whether it may serve (`same`) or why not. Each is like the reference, so two of them may be
 * apart by up to twice of what one may be from it.
 */
export function identityVerdicts(state: IdentityState): ReadonlyMap<string, FingerprintVerdict> {
  if (state.kind === 'unknown') return new Map();
  const { reference, fingerprints } = state;
  return new Map([...fingerprints].map(([id, fingerprint]) => [id, verdictOf(id, fingerprint, reference)]));
}

function verdictOf(
  id: string,
  fingerprint: Fingerprint,
  { id: referenceId, longId, fingerprint: reference }: IdentityReference,
): FingerprintVerdict {
  const name = (other: string) => (other === id ? 'itself before' : other);
  const short = compareFingerprints(fingerprint, { ...reference, long: 'refused' }, name(referenceId));
  if (short.kind === 'different') return short;
  return compareFingerprints(fingerprint, reference, name(longId));
}

function measured(state: IdentityState, id: string, fingerprint: Fingerprint): IdentityState {
  const fingerprints = new Map(state.fingerprints).set(id, fingerprint);
  if (state.kind === 'unknown') {
    return { kind: 'provisional', reference: referenceOf(id, fingerprint), fingerprints };
  }
  const { reference } = state;
  if (state.kind === 'confirmed') return confirmed(reference, fingerprints);
  if (id !== reference.id && agree(fingerprint, reference.fingerprint)) {
    return confirmed(reference, fingerprints);
  }
  if (agree(fingerprint, reference.fingerprint)) return { ...state, fingerprints };
  const peer = [...fingerprints].find(([other, its]) => other !== id && agree(its, fingerprint));
  return peer ? confirmed(referenceOf(...peer), fingerprints) : { ...state, fingerprints };
}

function left(state: IdentityState, id: string): IdentityState {
  const fingerprints = new Map(state.fingerprints);
  fingerprints.delete(id);
  if (state.kind !== 'provisional' || state.reference.id !== id) return { ...state, fingerprints };
  // No two of the others agree, or they would have outvoted it.
  const [next] = fingerprints;
  return next
    ? { kind: 'provisional', reference: referenceOf(...next), fingerprints }
    : { kind: 'unknown', fingerprints };
}

function referenceOf(id: string, fingerprint: Fingerprint): IdentityReference {
  return { id, fingerprint, longId: id };
}

/** Where the reference refuses long texts, the first that agrees otherwise and takes them says how those are cut. */
function confirmed(reference: IdentityReference, fingerprints: Fingerprints): IdentityState {
  if (reference.fingerprint.long !== 'refused') return { kind: 'confirmed', reference, fingerprints };
  for (const [longId, fingerprint] of fingerprints) {
    const { long } = fingerprint;
    if (long === 'refused' || !agree(fingerprint, reference.fingerprint)) continue;
    const completed = { ...reference, longId, fingerprint: { ...reference.fingerprint, long } };
    return { kind: 'confirmed', reference: completed, fingerprints };
  }
  return { kind: 'confirmed', reference, fingerprints };
}

function agree(one: Fingerprint, other: Fingerprint): boolean {
  return compareFingerprints(one, other, '').kind === 'same';
}
