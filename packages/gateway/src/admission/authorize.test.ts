import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type ApiKeys, parseApiKeys } from './api-keys.ts';
import { type AccessRequest, type AccessRules, authorize } from './authorize.ts';

const sha256 = createHash('sha256').update('k1').digest('hex');
const read = parseApiKeys(JSON.stringify([{ sha256, tenant: 'search' }]), 'keys.json');
// `as` holds: the entry above is a right one.
const apiKeys = read as ApiKeys;

/** Loopback, nothing configured. */
function rules(given: Partial<AccessRules> = {}): AccessRules {
  return {
    onLoopback: true,
    allowOpen: false,
    apiKeys: undefined,
    adminKey: undefined,
    allowedHosts: ['127.0.0.1', 'localhost', '[::1]'],
    ...given,
  };
}
const beyond = { onLoopback: false };

function outcome(given: Partial<AccessRules>, request: Partial<AccessRequest>): string {
  const decided = authorize(rules(given), {
    routeClass: 'embedding',
    presentedKey: undefined,
    host: 'localhost:8080',
    contentType: 'application/json',
    ...request,
  });
  if (decided.kind === 'unauthorized') return `unauthorized ${decided.challenge}`;
  if (decided.kind !== 'allowed') return decided.kind;
  return decided.key === undefined ? 'allowed' : `allowed as ${decided.key.tenant}`;
}

describe('who may', () => {
  it.each<[string, Partial<AccessRules>, string | undefined, string]>([
    ['on loopback without keys', {}, undefined, 'allowed'],
    ['on loopback without keys, whatever key comes', {}, 'sk-any', 'allowed'],
    ['on loopback with keys, without one', { apiKeys }, undefined, 'allowed'],
    ['on loopback with keys, with a right one', { apiKeys }, 'k1', 'allowed as search'],
    ['on loopback with keys, with a wrong one', { apiKeys }, 'k2', 'unauthorized bearer'],
    ['beyond with keys, without one', { ...beyond, apiKeys }, undefined, 'unauthorized bearer'],
    ['beyond with keys, with a wrong one', { ...beyond, apiKeys }, 'k2', 'unauthorized bearer'],
    ['beyond with keys, with a right one', { ...beyond, apiKeys }, 'k1', 'allowed as search'],
    ['beyond with neither', beyond, 'k1', 'unauthorized bearer'],
    ['beyond and allowed open', { ...beyond, allowOpen: true }, undefined, 'allowed'],
    ['beyond and allowed open, whatever key comes', { ...beyond, allowOpen: true }, 'sk-any', 'allowed'],
    [
      'beyond and allowed open with keys, with a right one',
      { ...beyond, allowOpen: true, apiKeys },
      'k1',
      'allowed as search',
    ],
    [
      'beyond and allowed open with keys, with a wrong one',
      { ...beyond, allowOpen: true, apiKeys },
      'k2',
      'unauthorized bearer',
    ],
    [
      'with the admin key, which embeds nothing',
      { ...beyond, apiKeys, adminKey: 'a1' },
      'a1',
      'unauthorized bearer',
    ],
  ])('embeds: %s', (_name, given, presentedKey, expected) => {
    expect(outcome(given, { presentedKey })).toBe(expected);
  });

  it.each<[string, Partial<AccessRules>, Partial<AccessRequest>, string]>([
    ['on loopback, Host listed', {}, {}, 'allowed'],
    ['on loopback, Host of a rebound name', {}, { host: 'evil.example:8080' }, 'forbidden'],
    ['on loopback, no Host', {}, { host: undefined }, 'forbidden'],
    [
      'on loopback with an API key only',
      { apiKeys },
      { presentedKey: 'k1', host: 'evil.example' },
      'forbidden',
    ],
    ['beyond without an admin key set', { ...beyond, apiKeys }, { presentedKey: 'k1' }, 'forbidden'],
    ['beyond and allowed open, which it isn’t', { ...beyond, allowOpen: true }, {}, 'forbidden'],
    [
      'with the admin key',
      { ...beyond, adminKey: 'a1' },
      { presentedKey: 'a1', host: 'any.example' },
      'allowed',
    ],
    ['with the admin key set and none sent', { adminKey: 'a1' }, {}, 'unauthorized basic'],
    [
      'with the admin key set and another sent',
      { adminKey: 'a1' },
      { presentedKey: 'a12' },
      'unauthorized basic',
    ],
    [
      'with the admin key set and an API key sent',
      { adminKey: 'a1', apiKeys },
      { presentedKey: 'k1' },
      'unauthorized basic',
    ],
  ])('administers: %s', (_name, given, request, expected) => {
    expect(outcome(given, { routeClass: 'admin', ...request })).toBe(expected);
    expect(outcome(given, { routeClass: 'admin-write', ...request })).toBe(expected);
  });

  it.each([undefined, 'text/plain', 'application/x-www-form-urlencoded'])(
    'writes no admin request of type %s',
    (contentType) => {
      expect(outcome({}, { routeClass: 'admin-write', contentType })).toBe('unsupported_media_type');
      expect(outcome({}, { routeClass: 'admin', contentType })).toBe('allowed');
    },
  );

  it.each([{}, beyond, { ...beyond, apiKeys, adminKey: 'a1' }])('lets everyone see open routes', (given) => {
    expect(outcome(given, { routeClass: 'open', presentedKey: 'wrong', host: 'evil.example' })).toBe(
      'allowed',
    );
  });

  it.each([
    [{}, true],
    [{ apiKeys }, false],
  ])('believes the tenant header only while no keys are configured', (given, believed) => {
    const request = {
      routeClass: 'embedding',
      presentedKey: undefined,
      host: 'localhost',
      contentType: undefined,
    } as const;
    expect(authorize(rules(given), request)).toEqual({
      kind: 'allowed',
      key: undefined,
      tenantHeaderBelieved: believed,
    });
  });
});
