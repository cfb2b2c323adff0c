import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Core } from './core.ts';
import { describeServer } from './describe-server.ts';
import { Exchange, send, sendAndReset } from './exchange.ts';
import { djl, djlErrorBody, isDjlInference } from './faces/djl.ts';
import type { Face } from './faces/face.ts';
import { openai } from './faces/openai.ts';
import { tei } from './faces/tei.ts';
import { readBody } from './read-body.ts';
import { type Refusal, refusalOf } from './refusal.ts';
import { serveEmbedding } from './serve-embedding.ts';

/** Answers the paths that begin with `/_sim/`; `body` is the whole request body. */
export type ControlRoute = (method: string, path: string, body: string) => { status: number; body: string };

/** Sends each request to its face, to the descriptions, or to the simulation's own controls. */
export function requestListener(
  core: Core,
  control: ControlRoute,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const { url = '/', method = 'GET' } = request;
    const mark = url.indexOf('?');
    const path = mark < 0 ? url : url.slice(0, mark);
    const face = faceOf(path, method);
    if (face) {
      embedding(core, face, request, response, { method, path, query: mark < 0 ? '' : url.slice(mark + 1) });
    } else if (path.startsWith('/_sim/')) {
      readBody(request, MAX_CONTROL_BYTES, (body) => {
        const text = body.kind === 'whole' ? body.bytes.toString('utf8') : '';
        const { status, body: answer } = control(method, path, text);
        send(response, status, JSON_HEADERS, answer);
      });
    } else {
      request.resume();
      describe(core, request, response, path);
    }
  };
}

const MAX_CONTROL_BYTES = 1024 * 1024;
const JSON_HEADERS = ['content-type', 'application/json'];

function faceOf(path: string, method: string): Face | undefined {
  if (path === '/v1/embeddings') return method === 'POST' ? openai : undefined;
  if (path === '/embed') return method === 'POST' ? tei : undefined;
  return isDjlInference(path) && !path.includes('//') ? djl : undefined;
}

function embedding(
  core: Core,
  face: Face,
  request: IncomingMessage,
  response: ServerResponse,
  target: { readonly method: string; readonly path: string; readonly query: string },
): void {
  const exchange = new Exchange(face, request, response, core.counters);
  readBody(request, core.options.maxRequestBytes, (body) => {
    if (body.kind === 'whole') {
      serveEmbedding(core, exchange, { ...target, headers: request.headers, body: body.bytes });
    } else {
      exchange.refuse(refusalOf('payload-too-large', ''));
      if (!body.announced) response.on('finish', () => request.socket.resetAndDestroy());
    }
  });
}

function describe(core: Core, request: IncomingMessage, response: ServerResponse, path: string): void {
  const headers = djl.answerHeaders(request.headers);
  const refusal = refusalFor(request.method ?? 'GET', path);
  const description = refusal ? undefined : describeServer(core, path);
  if (!description) {
    const error = refusal ?? notFound(path);
    sendAndReset(request.socket, error, headers, djlErrorBody(error));
  } else if (path === '/ping' && description.status >= 400) {
    sendAndReset(
      request.socket,
      { status: description.status, type: '', message: '' },
      headers,
      description.body,
    );
  } else {
    send(response, description.status, headers, description.body);
  }
}

/** `/ping` takes every method; the others only GET, which DJL says with 405 under `/models` and with 404 elsewhere. */
function refusalFor(method: string, path: string): Refusal | undefined {
  if (method === 'GET' || path === '/ping') return undefined;
  if (path !== '/models' && !path.startsWith('/models/')) return notFound(path);
  const message = 'Requested method is not allowed, please refer to API document.';
  return { status: 405, type: 'MethodNotAllowedException', message };
}

function notFound(path: string): Refusal {
  const [, route, name] = path.split('/');
  if (route === 'models' && name) return refusalOf('model-not-found', name);
  const message = 'Requested resource is not found, please refer to API document.';
  return { status: 404, type: 'ResourceNotFoundException', message };
}
