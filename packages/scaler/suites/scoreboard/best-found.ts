import type {
  Controller,
  NamedController,
  SimulatedState,
  SimulatedSystem,
} from '../../src/simulate/controller.ts';

/** A first policy to score and to beat: queued work plus trend, with the numbers that earlier trials settled on; it is told R and S. */
export const controller: NamedController = { name: 'best-found', start };

function start(system: SimulatedSystem): Controller {
  /** Arrivals up to each second. */
  const sums: number[] = [0];
  const needs: { readonly second: number; readonly need: number }[] = [];
  let lastActionSecond = 0;
  /** Of the seconds from `from` to `to` ago. */
  const mean = (from: number, to: number) => {
    const last = sums.length - 1;
    const first = Math.max(0, last - from);
    return ((sums[last - to] ?? 0) - (sums[first] ?? 0)) / Math.max(1, last - to - first);
  };

  function rise(): number {
    if (sums.length <= 480) return 0;
    const late = mean(240, 0);
    const early = mean(480, 240);
    if (late - early < 3 * Math.sqrt((late + early) / 240)) return 0;
    const perSecond = (late - early) / 2 / 240;
    return Math.min(late / 2, perSecond * (system.startupSeconds + 120));
  }

  function needOf(state: SimulatedState): number {
    const mu = system.perReplica;
    const now = mean(60, 0);
    const recent = mean(15, 0);
    const isBehind = state.queued > 20 * mu * Math.max(1, state.ready);
    const lambda = isBehind ? Math.max(now, recent) : now;
    const startup = system.startupSeconds;
    let backlog = state.queued + (lambda - state.ready * mu) * startup;
    for (const age of state.startingAges) backlog -= mu * Math.min(startup, age);
    return (lambda + Math.max(rise(), Math.max(0, backlog) / Math.max(60, startup))) / (0.8 * mu);
  }

  return {
    desired(state) {
      if (state.second > 0) sums.push((sums.at(-1) ?? 0) + state.arrived);
      if (state.second % 5 !== 0) return state.desired;
      const { second, desired } = state;
      const need = needOf(state);
      needs.push({ second, need });
      while (needs[0] !== undefined && needs[0].second < second - 450) needs.shift();
      if (need > 1.2 * desired) {
        lastActionSecond = second;
        return Math.ceil(1.15 * need);
      }
      const largest = 1.15 * Math.max(...needs.map((one) => one.need));
      if (second - lastActionSecond >= 450 && largest <= 0.85 * desired) {
        lastActionSecond = second;
        return Math.ceil(largest);
      }
      return desired;
    },
  };
}
