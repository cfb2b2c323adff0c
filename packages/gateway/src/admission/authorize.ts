import { hash, timingSafeEqual } from 'node:crypto';
import type { GatewayError } from '../errors.ts';
import { isAllowedHost } from './allowed-host.ts';
import type { ApiKey, ApiKeys } from './api-keys.ts';
import { isJsonContentType } from './json-content-type.ts';

/**
 * Who may call a route:
 * `open`      everyone: metrics, health, lists of models;
 * `embedding` on loopback or with FOREBAY_ALLOW_OPEN everyone, else bearers of a key;
 * `admin`     dashboard, `/api/*`, reading `/admin/*`;
 * `admin-write` what changes something there.
 */
export type RouteClass = 'open' | 'embedding' | 'admin' | 'admin-write';

/** What the configuration says about who may. */
export interface AccessRules {
  /** Whether the address it listens on is loopback. */
  readonly onLoopback: boolean;
  readonly allowOpen: boolean;
  readonly apiKeys: ApiKeys | undefined;
  readonly adminKey: string | undefined;
  readonly allowedHosts: readonly string[];
}

/** What a request says about itself. */
export interface AccessRequest {
  readonly routeClass: RouteClass;
  readonly presentedKey: string | undefined;
  readonly host: string | undefined;
  readonly contentType: string | undefined;
}

/** The request may go on. */
export interface Allowed {
  readonly kind: 'allowed';
  /** The key it came with; `undefined` for callers of an open route. */
  readonly key: ApiKey | undefined;
  /** Whether `x-forebay-tenant` is believed: only while no keys are configured, else it would be a way round them. */
  readonly tenantHeaderBelieved: boolean;
}

/** Decides who may; a pure function of rules and request. */
export function authorize(rules: AccessRules, request: AccessRequest): Allowed | GatewayError {
  switch (request.routeClass) {
    case 'open':
      return anyone(rules);
    case 'embedding':
      return embedding(rules, request);
    case 'admin':
      return refuseAdmin(rules, request) ?? anyone(rules);
    case 'admin-write':
      return refuseAdmin(rules, request) ?? refuseNotJson(request) ?? anyone(rules);
  }
}

function embedding(rules: AccessRules, { presentedKey }: AccessRequest): Allowed | GatewayError {
  const key = presentedKey === undefined ? undefined : rules.apiKeys?.find(presentedKey);
  if (key !== undefined) return { kind: 'allowed', key, tenantHeaderBelieved: false };
  // Client libraries always send some key, so one counts as wrong only where there are keys to compare it with.
  const isWrong = presentedKey !== undefined && rules.apiKeys !== undefined;
  if (!isWrong && (rules.onLoopback || rules.allowOpen)) return anyone(rules);
  const message = isWrong ? 'the key is not one of those configured' : 'this needs a key';
  return unauthorized(`${message}: send it as Authorization: Bearer KEY or x-api-key: KEY`, 'bearer');
}

function refuseAdmin(rules: AccessRules, request: AccessRequest): GatewayError | undefined {
  if (rules.adminKey !== undefined) {
    const { presentedKey } = request;
    if (presentedKey !== undefined && sameSecret(presentedKey, rules.adminKey)) return undefined;
    const message = presentedKey === undefined ? 'this needs the admin key' : 'this is not the admin key';
    return unauthorized(
      `${message}: send it as Authorization: Bearer KEY, x-api-key: KEY or as Basic password`,
      'basic',
    );
  }
  if (!rules.onLoopback) {
    return {
      kind: 'forbidden',
      message: 'no admin key is set, so this is closed beyond loopback: set FOREBAY_ADMIN_KEY',
    };
  }
  if (isAllowedHost(request.host, rules.allowedHosts)) return undefined;
  return {
    kind: 'forbidden',
    message: `no admin key is set, so the Host header must be one of ${rules.allowedHosts.join(', ')}: set ALLOWED_HOSTS or FOREBAY_ADMIN_KEY`,
  };
}

function refuseNotJson({ contentType }: AccessRequest): GatewayError | undefined {
  if (isJsonContentType(contentType)) return undefined;
  return {
    kind: 'unsupported_media_type',
    message: 'admin writes need the header Content-Type: application/json, also without a body',
  };
}

function anyone(rules: AccessRules): Allowed {
  return { kind: 'allowed', key: undefined, tenantHeaderBelieved: rules.apiKeys === undefined };
}

function unauthorized(message: string, challenge: 'bearer' | 'basic'): GatewayError {
  return { kind: 'unauthorized', message, challenge };
}

/** Compares hashes, so that neither content nor length shows in the time it takes. */
function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(hash('sha256', a, 'buffer'), hash('sha256', b, 'buffer'));
}
