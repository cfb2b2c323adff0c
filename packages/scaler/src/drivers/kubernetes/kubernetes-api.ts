import type { z } from 'zod';
import type { Clock } from '../../clock.ts';
import { ScalerError } from '../../errors.ts';
import { type JsonAnswer, JsonHttp, type JsonRequest } from '../json-http.ts';
import type { Access, ReadAccess } from './access.ts';
import { page } from './api-schemas.ts';
import { toKubernetesError } from './to-kubernetes-error.ts';

/** Tokens in pods live for an hour at least and are renewed long before their end. */
const READ_ACCESS_EVERY_MS = 60_000;
const PAGE_SIZE = 500;

/** The API server over plain HTTP, with whatever credentials hold at the moment. */
export class KubernetesApi {
  readonly #readAccess: ReadAccess;
  readonly #clock: Clock;
  #access: Access | undefined;
  #readAtMs = 0;
  #http: JsonHttp | undefined;
  /** Of server and certificates that it was made with. */
  #identity = '';
  /** Of the certificates before: calls may still be under way on it. */
  #retired: JsonHttp | undefined;

  constructor(readAccess: ReadAccess, clock: Clock) {
    this.#readAccess = readAccess;
    this.#clock = clock;
  }

  /** Where objects are that name no namespace. */
  get namespace(): string {
    return this.#current().namespace;
  }

  /** One object, or undefined where it or its kind doesn't exist. Rejects with a `ScalerError` saying `what` failed. */
  async find<Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    what: string,
    signal: AbortSignal,
  ): Promise<z.output<Schema> | undefined> {
    const answer = await this.send({ path }, signal);
    if (answer.status === 404) return undefined;
    return parsed(accepted(answer, what).body, schema, what);
  }

  /** All objects of all pages, or undefined where the kind doesn't exist. A list whose pages grew too old is read again, once. */
  async list<Schema extends z.ZodType>(
    path: string,
    query: Readonly<Record<string, string>>,
    schema: Schema,
    what: string,
    signal: AbortSignal,
  ): Promise<readonly z.output<Schema>[] | undefined> {
    for (let tries = 0; ; tries += 1) {
      const items = await this.#pages(path, query, what, signal, tries === 0);
      if (items === 'expired') continue;
      return items?.map((item) => parsed(item, schema, what));
    }
  }

  /** Any request; a status is no error here. One that is refused for its token is sent again with the token of now, if that is another. */
  async send(request: JsonRequest, signal: AbortSignal): Promise<JsonAnswer> {
    const before = this.#current();
    const answer = await this.#connection().call(request, signal);
    if (answer.status !== 401) return answer;
    this.#access = undefined;
    if (JSON.stringify(this.#current()) === JSON.stringify(before)) return answer;
    return this.#connection().call(request, signal);
  }

  async close(): Promise<void> {
    await Promise.all([this.#http?.close(), this.#retired?.close()]);
    this.#http = undefined;
    this.#retired = undefined;
  }

  async #pages(
    path: string,
    query: Readonly<Record<string, string>>,
    what: string,
    signal: AbortSignal,
    mayExpire: boolean,
  ): Promise<readonly unknown[] | 'expired' | undefined> {
    const items: unknown[] = [];
    for (let token: string | undefined; ; ) {
      const search = new URLSearchParams({
        ...query,
        limit: String(PAGE_SIZE),
        ...(token && { continue: token }),
      });
      const answer = await this.send({ path: `${path}?${search}` }, signal);
      if (answer.status === 404) return undefined;
      if (answer.status === 410 && token !== undefined && mayExpire) return 'expired';
      const read = parsed(accepted(answer, what).body, page, what);
      items.push(...read.items);
      token = read.metadata.continue;
      if (!token) return items;
    }
  }

  #current(): Access {
    const nowMs = this.#clock.nowMs();
    const age = Math.abs(nowMs - this.#readAtMs);
    if (this.#access === undefined || age >= READ_ACCESS_EVERY_MS) {
      this.#access = this.#readAccess();
      this.#readAtMs = nowMs;
    }
    return this.#access;
  }

  /** A new one where server or certificates are others than before. */
  #connection(): JsonHttp {
    const { server, ca, clientCertificate } = this.#current();
    const identity = JSON.stringify([server, ca, clientCertificate]);
    if (this.#http !== undefined && this.#identity === identity) return this.#http;
    void this.#retired?.close();
    this.#retired = this.#http;
    this.#identity = identity;
    this.#http = new JsonHttp({
      platform: 'Kubernetes',
      baseUrl: server,
      tls: { ...(ca !== undefined && { ca }), ...clientCertificate },
      headers: (): Record<string, string> => {
        const { token } = this.#current();
        return token === undefined ? {} : { authorization: `Bearer ${token}` };
      },
    });
    return this.#http;
  }
}

/** An answer that is no refusal. @throws ScalerError */
export function accepted(answer: JsonAnswer, what: string): JsonAnswer {
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw toKubernetesError(answer, what);
}

function parsed<Schema extends z.ZodType>(body: unknown, schema: Schema, what: string): z.output<Schema> {
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  const faults = read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  throw new ScalerError(
    'SCALER_DRIVER_FAILED',
    `Kubernetes: ${what}: the answer can't be understood: ${faults}`,
  );
}
