import type { BackendEntry } from '../backend-entry.ts';

/** What all backends of one server have in common. */
export type BackendSettings = Pick<BackendEntry, 'class' | 'protocol' | 'maxBatch' | 'concurrency' | 'state'>;

/** A server whose models are not named: it has to be asked which it serves. */
export interface ServerTarget extends BackendSettings {
  /** Base URL without a slash at its end; the listing's path and a model's route are appended to it. */
  readonly url: string;
  /** The id of its backend; with several models `{id}/{model}`. Left out: `host:port/model`. */
  readonly id?: string;
}

/** A name that stands for all its addresses, one backend each. */
export interface DnsTarget extends BackendSettings {
  readonly host: string;
  /** `http://host:port/path`: what an address is put into. */
  readonly url: string;
  readonly model?: string;
}

/** What one address of a list can be looked into further without DNS. */
export type DirectTarget =
  | { readonly kind: 'entry'; readonly entry: BackendEntry }
  | { readonly kind: 'expand'; readonly server: ServerTarget };

/** What one entry of a list of backends stands for. */
export type BackendTarget = DirectTarget | { readonly kind: 'dns'; readonly name: DnsTarget };

/** The backends of a server that serves `models`. */
export function entriesOfServer(server: ServerTarget, models: readonly string[]): readonly BackendEntry[] {
  const { url, id, ...settings } = server;
  return models.map((model) => ({
    id: id === undefined ? defaultId(url, model) : models.length === 1 ? id : `${id}/${model}`,
    url: settings.protocol === 'djl' ? `${url}/predictions/${encodeURIComponent(model)}` : url,
    model,
    ...settings,
  }));
}

/** `host:port/model`, with the port of the scheme where the URL has none. */
export function defaultId(url: string, model: string): string {
  return `${hostAndPort(new URL(url))}/${model}`;
}

function hostAndPort(url: URL): string {
  return `${url.hostname}:${url.port || (url.protocol === 'https:' ? 443 : 80)}`;
}
