import { hash, timingSafeEqual } from 'node:crypto';
import type { Refusal } from '../refusal.ts';
import { isAllowedHost } from './allowed-host.ts';
import { isJsonContentType } from './json-content-type.ts';

/**
 * Who may call a route:
 * `open`     everyone: metrics and health;
 * `backends` gateways, by BACKENDS_TOKEN, and whoever may read;
 * `hosts`    hosts that report themselves, by HOSTS_TOKEN, and whoever may write;
 * `read`     bearers of the admin key; while none is set everyone on loopback;
 * `write`    the same, where the request can't be a web page's.
 */
export type RouteClass = 'open' | 'backends' | 'hosts' | 'read' | 'write';

/** What the configuration says about who may. */
export interface AccessRules {
  /** Whether the address it listens on is loopback. */
  readonly onLoopback: boolean;
  readonly adminKey: string | undefined;
  readonly backendsToken: string | undefined;
  readonly hostsToken: string | undefined;
  /** Lower case, with or without a port. */
  readonly allowedHosts: readonly string[];
}

/** What a request says about itself. */
export interface AccessRequest {
  readonly routeClass: RouteClass;
  readonly presentedKey: string | undefined;
  readonly host: string | undefined;
  readonly contentType: string | undefined;
}

/** Why the request may not go on, or undefined when it may; a pure function of rules and request. */
export function refuse(rules: AccessRules, request: AccessRequest): Refusal | undefined {
  switch (request.routeClass) {
    case 'open':
      return undefined;
    case 'backends':
      return refuseWithout(rules.backendsToken, GATEWAYS, rules, request);
    case 'hosts':
      return refuseWithout(rules.hostsToken, HOSTS, rules, request) ?? refuseNotJson(request);
    case 'read':
      return refuseAdmin(rules, request);
    case 'write':
      return refuseAdmin(rules, request) ?? refuseNotJson(request);
  }
}

const GATEWAYS = { whose: 'gateways', variable: 'BACKENDS_TOKEN' };
const HOSTS = { whose: 'hosts', variable: 'HOSTS_TOKEN' };

/** Once a token is set what it is for is never keyless: who sets one has decided who shows it. */
function refuseWithout(
  token: string | undefined,
  { whose, variable }: typeof GATEWAYS,
  rules: AccessRules,
  request: AccessRequest,
): Refusal | undefined {
  const { presentedKey } = request;
  if (token === undefined) return refuseAdmin(rules, request);
  if (isKey(presentedKey, token) || isKey(presentedKey, rules.adminKey)) return undefined;
  return {
    kind: 'unauthorized',
    challenge: 'Bearer',
    message: `${presentedKey === undefined ? 'this needs' : 'this is not'} the token of ${whose}: send ${variable} as Authorization: Bearer TOKEN`,
  };
}

function refuseAdmin(rules: AccessRules, request: AccessRequest): Refusal | undefined {
  const { adminKey, onLoopback, allowedHosts } = rules;
  if (adminKey !== undefined) {
    if (isKey(request.presentedKey, adminKey)) return undefined;
    const what =
      request.presentedKey === undefined ? 'this needs the admin key' : 'this is not the admin key';
    return {
      kind: 'unauthorized',
      challenge: 'Basic',
      message: `${what}: send it as Authorization: Bearer KEY, x-api-key: KEY or as Basic password`,
    };
  }
  if (!onLoopback) {
    return {
      kind: 'forbidden',
      message: 'no admin key is set, so this is closed beyond loopback: set FOREBAY_ADMIN_KEY',
    };
  }
  if (isAllowedHost(request.host, allowedHosts)) return undefined;
  return {
    kind: 'forbidden',
    message: `no admin key is set, so the Host header must be one of ${allowedHosts.join(', ')}: set ALLOWED_HOSTS or FOREBAY_ADMIN_KEY`,
  };
}

/** A page of elsewhere can send this type only after asking, and nothing here ever says yes. So also for DELETE and without a body. */
function refuseNotJson({ contentType }: AccessRequest): Refusal | undefined {
  if (isJsonContentType(contentType)) return undefined;
  return {
    kind: 'unsupported_media_type',
    message: 'writes need the header Content-Type: application/json, also without a body',
  };
}

/** Compares hashes, so that neither content nor length shows in the time it takes. */
function isKey(presented: string | undefined, key: string | undefined): boolean {
  if (presented === undefined || key === undefined) return false;
  return timingSafeEqual(hash('sha256', presented, 'buffer'), hash('sha256', key, 'buffer'));
}
