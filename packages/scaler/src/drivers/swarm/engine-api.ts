import type { z } from 'zod';
import { ScalerError } from '../../errors.ts';
import type { JsonAnswer, JsonHttp, JsonRequest } from '../json-http.ts';
import { engineError, isOutOfSequence } from './engine-error.ts';
import {
  type EngineNode,
  type EngineService,
  type EngineStats,
  type EngineTask,
  engineImage,
  engineInfo,
  engineNodes,
  engineService,
  engineStats,
  engineTasks,
  engineVersion,
} from './engine-values.ts';

/** How an Engine is spoken to. */
export type EngineHttp = Pick<JsonHttp, 'call' | 'close'>;

/** The few calls of one Docker Engine that the driver makes. Each rejects with a `ScalerError`. */
export class EngineApi {
  readonly #http: EngineHttp;
  #version: string | undefined;
  #nodeId: string | undefined;

  constructor(http: EngineHttp) {
    this.#http = http;
  }

  /** The node that this Engine is; asked once. */
  async nodeId(signal: AbortSignal): Promise<string> {
    this.#nodeId ??= (await this.#read('/info', engineInfo, signal)).Swarm.NodeID;
    return this.#nodeId;
  }

  /** Undefined when there is none of that name. */
  async service(name: string, signal: AbortSignal): Promise<EngineService | undefined> {
    const path = `/services/${encodeURIComponent(name)}`;
    const answer = await this.#call({ path }, signal);
    return answer.status === 404 ? undefined : parsed(answer, engineService, `GET ${path}`);
  }

  /** Tasks of a service that the Swarm wants in one of these states; the Engine answers all of them at once. */
  async tasks(
    serviceId: string,
    desired: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly EngineTask[]> {
    const filters = JSON.stringify({ service: [serviceId], 'desired-state': desired });
    return this.#read(`/tasks?filters=${encodeURIComponent(filters)}`, engineTasks, signal);
  }

  async nodes(signal: AbortSignal): Promise<readonly EngineNode[]> {
    return this.#read('/nodes', engineNodes, signal);
  }

  /** `stale`: the service isn't any more as it was when it was read; nothing was changed. */
  async update(
    { ID, Version }: EngineService,
    spec: EngineService['Spec'],
    signal: AbortSignal,
  ): Promise<'updated' | 'stale'> {
    const path = `/services/${ID}/update?version=${Version.Index}`;
    const answer = await this.#call({ method: 'POST', path, body: spec }, signal);
    if (isOutOfSequence(answer)) return 'stale';
    if (answer.status >= 300) throw engineError(answer, `POST ${path}`);
    return 'updated';
  }

  /** One look, without the second that the Engine else waits for another. Undefined when there is no such container. */
  async stats(containerId: string, signal: AbortSignal): Promise<EngineStats | undefined> {
    const path = `/containers/${containerId}/stats?stream=false&one-shot=true`;
    const answer = await this.#call({ path }, signal);
    return answer.status === 404 ? undefined : parsed(answer, engineStats, `GET ${path}`);
  }

  /** Lets a container end in its own stop time; one that is gone is no error. */
  async stop(containerId: string, signal: AbortSignal): Promise<void> {
    const path = `/containers/${containerId}/stop`;
    const answer = await this.#call({ method: 'POST', path }, signal);
    if (answer.status >= 400 && answer.status !== 404) throw engineError(answer, `POST ${path}`);
  }

  /** Whether an image brings a health check; undefined where this Engine doesn't have it, or doesn't say. */
  async imageChecksHealth(image: string, signal: AbortSignal): Promise<boolean | undefined> {
    const answer = await this.#call({ path: `/images/${encodeURIComponent(image)}/json` }, signal);
    if (answer.status >= 300) return undefined; // only for a warning
    const { Config } = parsed(answer, engineImage, `the image ${image}`);
    const test = Config?.Healthcheck?.Test ?? [];
    return test.length > 0 && test[0] !== 'NONE';
  }

  async close(): Promise<void> {
    await this.#http.close();
  }

  async #read<Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    signal: AbortSignal,
  ): Promise<z.output<Schema>> {
    return parsed(await this.#call({ path }, signal), schema, `GET ${path}`);
  }

  /** Always in the Engine's own newest version: in an older one it would drop what that doesn't know from a spec that is sent back. */
  async #call(request: JsonRequest, signal: AbortSignal): Promise<JsonAnswer> {
    const version = this.#version ?? (await this.#ask(signal));
    this.#version = version;
    const answer = await this.#http.call({ ...request, path: `/v${version}${request.path}` }, signal);
    // As after an Engine was replaced by another release: it is asked again the next time.
    if (answer.status === 400 && /API version/.test(JSON.stringify(answer.body))) this.#version = undefined;
    return answer;
  }

  async #ask(signal: AbortSignal): Promise<string> {
    const answer = await this.#http.call({ path: '/version' }, signal);
    const { ApiVersion } = parsed(answer, engineVersion, 'GET /version');
    const [major = 0, minor = 0] = ApiVersion.split('.').map(Number);
    if (major > 1 || minor >= OLDEST_MINOR) return ApiVersion;
    const message = `Docker Engine: it speaks API ${ApiVersion}, and Swarm is driven by 1.${OLDEST_MINOR} or later: use Docker 17.06 or later`;
    throw new ScalerError('SCALER_DRIVER_FAILED', message);
  }
}

/** With it came tasks that wait for their health check. */
const OLDEST_MINOR = 30;

function parsed<Schema extends z.ZodType>(
  answer: JsonAnswer,
  schema: Schema,
  what: string,
): z.output<Schema> {
  if (answer.status >= 300) throw engineError(answer, what);
  const result = schema.safeParse(answer.body);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).slice(0, 5);
  const message = `Docker Engine: ${what}: an answer that can't be read: ${faults.join('; ')}`;
  throw new ScalerError('SCALER_DRIVER_FAILED', message, { retryable: true });
}
