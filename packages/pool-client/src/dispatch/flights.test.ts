import { describe, expect, it } from 'vitest';
import type { Backend } from '../backend/backend.ts';
import { batchOf, NO_HISTORY } from '../queue/batch.ts';
import { type Flight, Flights } from './flights.ts';

// `as` holds: a flight is only told from others by which backend it is, and nothing is asked of it.
const [a, b] = [{ id: 'a' }, { id: 'b' }] as unknown as readonly [Backend, Backend];
const NEVER = Number.POSITIVE_INFINITY;

const flight = (given: Partial<Flight>): Flight => ({
  backend: a,
  batch: batchOf([], NO_HISTORY),
  lateMs: NEVER,
  silentMs: NEVER,
  rescued: false,
  ...given,
});

function flightsOf(...given: readonly Partial<Flight>[]): { flights: Flights; all: readonly Flight[] } {
  const flights = new Flights();
  const all = given.map(flight);
  for (const one of all) flights.begin(one);
  return { flights, all };
}

describe('Flights', () => {
  it.each<[string, Partial<Flight>, number | undefined]>([
    ['when it is late', { lateMs: 100, silentMs: 400 }, 100],
    ['when it is silent, if it was looked at for lateness already', { lateMs: 500, silentMs: 400 }, 400],
    ['only when it is silent, once it is rescued', { lateMs: 100, silentMs: 400, rescued: true }, 400],
    ['never, once it is rescued and silent', { lateMs: 100, rescued: true }, undefined],
    ['never, where nothing is', {}, undefined],
  ])('look at one %s', (_fact, given, nextMs) => {
    const { flights, all } = flightsOf(given);
    expect(flights.nextMs).toBe(nextMs);
    expect(flights.due((nextMs ?? 1e12) - 1)).toEqual([]);
    expect(flights.due(nextMs ?? 1e12)).toEqual(nextMs === undefined ? [] : all);
  });

  it('have nothing due when there are none', () => {
    const { flights } = flightsOf();
    expect([flights.nextMs, flights.due(1e12)]).toEqual([undefined, []]);
  });

  it('say what is due first, and all that are due then, in the order in which they left', () => {
    const { flights, all } = flightsOf({ lateMs: 300 }, { lateMs: 200 }, { lateMs: 301 });
    expect(flights.nextMs).toBe(200);
    expect(flights.due(300)).toEqual([all[0], all[1]]);
  });

  it('forget those that ended', () => {
    const { flights, all } = flightsOf({ lateMs: 100 }, { lateMs: 200 });
    flights.end(all[0] as Flight); // there are two
    expect([flights.nextMs, flights.due(500)]).toEqual([200, [all[1]]]);
    expect(flights.isPunctual(a, 150)).toBe(true);
  });

  it('go by what a flight says now', () => {
    const { flights, all } = flightsOf({ lateMs: 100, silentMs: 400 });
    (all[0] as Flight).rescued = true; // there is one
    expect([flights.nextMs, flights.due(399)]).toEqual([400, []]);
  });

  it.each<[string, readonly Partial<Flight>[], boolean]>([
    ['has nothing under way', [], true],
    ['has one that is not late yet', [{ lateMs: 1_001 }], true],
    ['has one that is late now', [{ lateMs: 1_000 }], false],
    ['has one in time and one late', [{ lateMs: 2_000 }, { lateMs: 900 }], false],
    ['has one late that was rescued', [{ lateMs: 900, rescued: true }], false],
    ['is not the one with the late batch', [{ backend: b, lateMs: 900 }], true],
  ])('know whether a backend keeps its word that %s', (_fact, given, punctual) => {
    expect(flightsOf(...given).flights.isPunctual(a, 1_000)).toBe(punctual);
  });
});
