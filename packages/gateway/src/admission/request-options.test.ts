import { PRIORITIES } from '@forebay/pool-client';
import { describe, expect, it } from 'vitest';
import type { ApiKey } from './api-keys.ts';
import type { Allowed } from './authorize.ts';
import { requestOptions } from './request-options.ts';

const open: Allowed = { kind: 'allowed', key: undefined, tenantHeaderBelieved: true };

function withKey(key: Partial<ApiKey> = {}): Allowed {
  const whole: ApiKey = { id: 'abc', tenant: 'search', weight: 2, maxPriority: 'interactive', ...key };
  return { kind: 'allowed', key: whole, tenantHeaderBelieved: false };
}

describe('request options', () => {
  it('have defaults', () => {
    expect(requestOptions({}, open, '10.0.0.9')).toEqual({
      kind: 'options',
      timeoutMs: undefined,
      priority: 'default',
      tenant: 'default',
      affinity: '10.0.0.9',
      weight: 1,
      partial: false,
    });
  });

  it('come from headers where they are believed', () => {
    const headers = {
      'x-request-timeout-ms': '1500',
      'x-forebay-priority': 'bulk',
      'x-forebay-tenant': 'indexing',
    };
    expect(requestOptions(headers, open, '10.0.0.9')).toEqual({
      kind: 'options',
      timeoutMs: 1500,
      priority: 'bulk',
      tenant: 'indexing',
      affinity: '10.0.0.9',
      weight: 1,
      partial: false,
    });
  });

  it('come from the key where there is one', () => {
    expect(requestOptions({ 'x-forebay-tenant': 'other' }, withKey(), '10.0.0.9')).toMatchObject({
      tenant: 'search',
      affinity: 'abc',
      weight: 2,
    });
  });

  it('ignore the tenant header where keys are configured and none is sent', () => {
    const allowed = { ...open, tenantHeaderBelieved: false };
    expect(requestOptions({ 'x-forebay-tenant': 'search' }, allowed, 'x')).toMatchObject({
      tenant: 'default',
    });
  });

  it('ask for a partial answer with true alone', () => {
    expect(requestOptions({ 'x-forebay-partial': ' True' }, open, 'x')).toMatchObject({ partial: true });
  });

  it.each(['', 'false', '1', 'yes', 'true, true'])('refuse x-forebay-partial: %j', (header) => {
    expect(requestOptions({ 'x-forebay-partial': header }, open, 'x')).toEqual({
      kind: 'invalid_request',
      param: 'x-forebay-partial',
      message: `x-forebay-partial must be true, or left out, got ${JSON.stringify(header)}`,
    });
  });

  it.each(
    PRIORITIES.flatMap((asked, rank) =>
      PRIORITIES.map((ceiling, highest) => [asked, ceiling, PRIORITIES[Math.max(rank, highest)]] as const),
    ),
  )('ask for %s under a ceiling of %s and get %s', (asked, maxPriority, priority) => {
    expect(requestOptions({ 'x-forebay-priority': asked }, withKey({ maxPriority }), 'x')).toMatchObject({
      priority,
    });
  });

  it.each([
    ['-1', 'interactive'],
    ['2', 'interactive'],
    ['3', 'default'],
    ['4', 'bulk'],
  ])('read DJL’s x-priority %s as %s', (header, priority) => {
    expect(requestOptions({ 'x-priority': header }, open, 'x')).toMatchObject({ priority });
  });

  it('prefer x-forebay-priority to x-priority', () => {
    const headers = { 'x-priority': '1', 'x-forebay-priority': 'bulk' };
    expect(requestOptions(headers, open, 'x')).toMatchObject({ priority: 'bulk' });
  });

  it('hold a timeout down to what timers can count', () => {
    const headers = { 'x-request-timeout-ms': '99999999999999999999' };
    expect(requestOptions(headers, open, 'x')).toMatchObject({ timeoutMs: 2_147_483_647 });
  });

  it.each([
    ['x-request-timeout-ms', '0'],
    ['x-request-timeout-ms', '-5'],
    ['x-request-timeout-ms', '1.5'],
    ['x-request-timeout-ms', '1e3'],
    ['x-request-timeout-ms', 'soon'],
    ['x-request-timeout-ms', ''],
    ['x-request-timeout-ms', '1, 2'],
    ['x-forebay-priority', 'high'],
    ['x-forebay-priority', ''],
    ['x-priority', '2.5'],
    ['x-priority', 'high'],
    ['x-forebay-tenant', 'é'],
    ['x-forebay-tenant', ''],
    ['x-forebay-tenant', 'x'.repeat(129)],
  ])('are refused with %s: %s', (header, value) => {
    expect(requestOptions({ [header]: value }, open, 'x')).toEqual({
      kind: 'invalid_request',
      param: header,
      message: expect.stringContaining(header),
    });
  });
});
