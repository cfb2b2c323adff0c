import type { StrategyName } from '@forebay/pool-client';

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

/** All settings of the gateway, checked and frozen. Meanings, defaults and bounds: `settings.ts`. */
export interface GatewayConfig {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** One entry for each backend or `dns+` name, options included, as written. */
  readonly djlUrls: readonly string[];
  readonly backendsUrl: string | undefined;
  readonly backendsFile: string | undefined;
  readonly backendsToken: string | undefined;
  /** Local backends to start; 0 where another source of backends is configured. */
  readonly localBackends: number;
  readonly models: readonly string[];
  /** Model by alias. */
  readonly modelAliases: ReadonlyMap<string, string>;
  readonly loadBalancerStrategy: StrategyName;
  readonly maxQueuedChunks: number;
  readonly maxQueuedBytes: number;
  readonly maxAnswerBytes: number;
  readonly maxRequestChunks: number;
  readonly maxRequestBytes: number;
  readonly maxConnections: number;
  readonly requestTimeoutMs: number;
  readonly maxHeldRequests: number;
  readonly forebayApiKeysFile: string | undefined;
  readonly forebayAdminKey: string | undefined;
  readonly forebayAllowOpen: boolean;
  /** Lower case, IPv6 in brackets; an entry with a port allows that port only. Never empty. */
  readonly allowedHosts: readonly string[];
  /** Addresses, CIDR ranges and names; empty stands for loopback and private ranges. */
  readonly allowedBackends: readonly string[];
  /** Certificate (with its chain) and key of the listener, both or none. */
  readonly tlsCertFile: string | undefined;
  readonly tlsKeyFile: string | undefined;
  /** Where set, callers need a certificate of one of these authorities. */
  readonly tlsClientCaFile: string | undefined;
  /** For `https:` backends and an `https:` BACKENDS_URL. */
  readonly backendsCaFile: string | undefined;
  readonly backendsClientCertFile: string | undefined;
  readonly backendsClientKeyFile: string | undefined;
  readonly tokenizerFile: string | undefined;
  readonly verify: 'fast' | 'full';
  readonly logLevel: LogLevel;
  readonly shutdownGraceMs: number;
}

/** Name of a setting in the code and in the YAML file. */
export type SettingKey = keyof GatewayConfig;
