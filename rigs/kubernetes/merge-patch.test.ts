import { describe, expect, it } from 'vitest';
import { mergePatch, strategicMerge } from './merge-patch.ts';

const containers = [
  { name: 'a', image: 'a:1', env: [{ name: 'X', value: '1' }] },
  { name: 'b', image: 'b:1' },
];

describe('mergePatch', () => {
  it.each([
    ['replaces', { a: 1 }, { a: 2 }, { a: 2 }],
    ['adds', { a: 1 }, { b: { c: 1 } }, { a: 1, b: { c: 1 } }],
    ['takes away', { a: 1, b: 2 }, { a: null }, { b: 2 }],
    ['goes down', { a: { b: 1, c: 2 } }, { a: { b: null } }, { a: { c: 2 } }],
    ['replaces lists whole', { a: [1, 2] }, { a: [3] }, { a: [3] }],
    ['puts an object where none was', { a: 'x' }, { a: { b: null, c: 1 } }, { a: { c: 1 } }],
  ])('%s', (_, target, patch, merged) => {
    expect(mergePatch(target, patch)).toEqual(merged);
  });
});

describe('strategicMerge', () => {
  it.each([
    [
      'merges named things by name, and keeps the others',
      { containers },
      { $setElementOrder: ['a'], containers: [{ name: 'a', image: 'a:2' }] },
      { containers: [{ ...containers[0], image: 'a:2' }, containers[1]] },
    ],
    [
      'deletes a named thing',
      { containers },
      { containers: [{ name: 'a', $patch: 'delete' }] },
      { containers: [containers[1]] },
    ],
    [
      'merges within them',
      { containers },
      { containers: [{ name: 'a', env: [{ name: 'Y', value: '2' }] }] },
      {
        containers: [
          {
            ...containers[0],
            env: [
              { name: 'X', value: '1' },
              { name: 'Y', value: '2' },
            ],
          },
          containers[1],
        ],
      },
    ],
    ['replaces other lists', { args: ['a', 'b'] }, { args: ['c'] }, { args: ['c'] }],
    [
      'replaces a whole mapping where told',
      { s: { a: 1 } },
      { s: { $patch: 'replace', b: 2 } },
      { s: { b: 2 } },
    ],
    [
      'keeps only the named keys where told',
      { strategy: { type: 'RollingUpdate', rollingUpdate: {} } },
      { strategy: { $retainKeys: ['type'], type: 'Recreate' } },
      { strategy: { type: 'Recreate' } },
    ],
  ])('%s', (_, target, patch, merged) => {
    expect(strategicMerge(target, patch)).toEqual(merged);
  });
});
