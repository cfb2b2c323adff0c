import type { BalancingStrategy } from './balancing-strategy.ts';
import { leastWork } from './least-work.ts';

/**
 * A caller's chunks go to one backend as long as it is in service. Rendezvous hashing (Thaler and Ravishankar, 1998):
 * when a backend comes or goes only the callers it gains or loses move. Chunks without a caller, and those that waited
 * too long for theirs, go where the least work is.
 */
export const ipHash: BalancingStrategy = {
  name: 'ip-hash',
  pick: leastWork.pick,
  owner: (affinity, backendIds) =>
    backendIds.reduce((best, next) => {
      const difference = hash(`${affinity}\n${next}`) - hash(`${affinity}\n${best}`);
      return difference > 0 || (difference === 0 && next < best) ? next : best;
    }),
};

/** FNV-1a over UTF-16 units with a final avalanche, 32 bits: enough to spread callers, not for secrets. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
