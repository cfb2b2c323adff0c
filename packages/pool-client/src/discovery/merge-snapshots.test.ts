import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { BackendEntry } from '../backend-entry.ts';
import { parseAllowedBackends } from './address-policy.ts';
import type { SourceSnapshot, TenantWeight } from './backend-source.ts';
import { mergeSnapshots } from './merge-snapshots.ts';

const policy = parseAllowedBackends();

function entry(id: string, host = '10.0.0.1'): BackendEntry {
  const url = `http://${host}:8080/predictions/m`;
  const settings = {
    class: 'default',
    protocol: 'djl',
    maxBatch: 256,
    concurrency: 8,
    state: 'ready',
  } as const;
  return { id, url, model: 'm', ...settings };
}

function listed(
  entries: readonly BackendEntry[],
  more: { resolvedFrom?: string; problem?: string } = {},
): SourceSnapshot {
  return { kind: 'listed', entries, complete: true, ...more };
}

function merge(snapshots: Readonly<Record<string, SourceSnapshot | undefined>>, rules = policy) {
  return mergeSnapshots(new Map(Object.entries(snapshots)), rules);
}

it('has nothing without sources', () => {
  expect(merge({})).toEqual({ entries: [], pendingSources: [], problems: [], refused: [], tenants: [] });
});

it('keeps the order of the sources, what they lack and what ails them', () => {
  const merged = merge({
    static: listed([entry('a')]),
    list: listed([entry('b')], { problem: 'answered 500' }),
    file: { kind: 'pending', reason: 'its list is empty' },
    late: undefined,
  });
  expect(merged).toEqual({
    entries: [entry('a'), entry('b')],
    pendingSources: [
      { name: 'file', reason: 'its list is empty' },
      { name: 'late', reason: 'it has not been tried yet' },
    ],
    problems: [{ source: 'list', problem: 'answered 500' }],
    refused: [],
    tenants: [],
  });
});

it('gives an id to the first source that lists it, also inside one source', () => {
  const merged = merge({
    one: listed([entry('a', '10.0.0.1'), entry('a', '10.0.0.2')]),
    two: listed([entry('a', '10.0.0.3'), entry('b')]),
  });
  expect(merged.entries).toEqual([entry('a', '10.0.0.1'), entry('b')]);
  expect(merged.problems).toEqual([
    {
      source: 'one',
      problem:
        'http://10.0.0.2:8080/predictions/m is left out: the id a is http://10.0.0.1:8080/predictions/m of one',
    },
    {
      source: 'two',
      problem:
        'http://10.0.0.3:8080/predictions/m is left out: the id a is http://10.0.0.1:8080/predictions/m of one',
    },
  ]);
});

it('refuses what is listed where no backend may be, and lets another have its id', () => {
  const merged = merge({
    one: listed([entry('a', '169.254.169.254'), entry('b', '[::ffff:8.8.8.8]')]),
    two: listed([entry('a', 'djl.example.com')]),
  });
  expect(merged.entries).toEqual([entry('a', 'djl.example.com')]);
  expect(merged.refused.map(({ source, id, reason }) => [source, id, reason.split(' ')[0]])).toEqual([
    ['one', 'a', '169.254.169.254'],
    ['one', 'b', '::ffff:808:808'],
  ]);
});

it('lets the addresses of a listed name in, but never link-local ones', () => {
  const rules = parseAllowedBackends('djl.example.com');
  const entries = [entry('a', '203.0.113.7'), entry('b', '169.254.169.254'), entry('c', '[2001:db8::1]')];
  const merged = merge({ dns: listed(entries, { resolvedFrom: 'djl.example.com' }) }, rules);
  expect(merged.entries.map(({ id }) => id)).toEqual(['a', 'c']);
  const other = merge({ dns: listed(entries, { resolvedFrom: 'evil.example.com' }) }, rules);
  expect(other.refused.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
});

it('takes a tenant from the first source that names it, pending ones too', () => {
  const tenants = (...pairs: readonly [string, number][]): { tenants: readonly TenantWeight[] } => ({
    tenants: pairs.map(([id, weight]) => ({ id, weight })),
  });
  const merged = merge({
    one: { kind: 'pending', reason: 'its list is empty', ...tenants(['x', 1]) },
    two: { ...listed([entry('a')]), ...tenants(['x', 5], ['y', 2]) },
  });
  expect(merged.tenants).toEqual([
    { id: 'x', weight: 1 },
    { id: 'y', weight: 2 },
  ]);
});

it('has each id once, and each backend listed in its entries, refused, or in a problem', () => {
  const host = fc.constantFrom('10.0.0.1', '10.0.0.2', 'djl', '8.8.8.8', '169.254.169.254');
  const backend = fc.tuple(fc.constantFrom('a', 'b', 'c'), host).map(([id, at]) => entry(id, at));
  const sources = fc.dictionary(fc.constantFrom('one', 'two', 'three'), fc.array(backend, { maxLength: 4 }));
  fc.assert(
    fc.property(sources, (lists) => {
      const snapshots = Object.entries(lists).map(([name, entries]) => [name, listed(entries)] as const);
      const merged = merge(Object.fromEntries(snapshots));
      const total = Object.values(lists).flat().length;
      expect(new Set(merged.entries.map(({ id }) => id)).size).toBe(merged.entries.length);
      expect(merged.entries.length + merged.refused.length + merged.problems.length).toBe(total);
      expect(merged.entries.every(({ url }) => !/8\.8\.8\.8|169\.254/.test(url))).toBe(true);
    }),
    { seed: 3 },
  );
});
