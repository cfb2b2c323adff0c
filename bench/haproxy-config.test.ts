import { expect, it } from 'vitest';
import { haproxyConfig } from './haproxy-config.ts';

it('names each server with its weight', () => {
  const config = haproxyConfig(9000, [
    { djlUrl: 'http://127.0.0.1:1/predictions/m', weight: 6 },
    { djlUrl: 'http://127.0.0.1:2/predictions/m' },
  ]);
  expect(config).toContain('bind 127.0.0.1:9000 backlog 4096');
  expect(config.match(/server djl.*/g)).toEqual([
    'server djl-1 127.0.0.1:1 weight 6 pool-purge-delay 60s',
    'server djl-2 127.0.0.1:2 weight 1 pool-purge-delay 60s',
  ]);
});
