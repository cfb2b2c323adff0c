import { type EmbedderPool, PoolError } from '@forebay/pool-client';
import express, { type Express, type RequestHandler, type Response } from 'express';
import type { RouteClass } from '../admission/authorize.ts';
import { gatewayErrorOf } from '../admission/pool-error.ts';
import { dialects } from '../dialects/dialects.ts';

/** Listing, adding, draining and removing single backends. Errors are in DJL's form. */
export function adminRoutes(
  app: Express,
  pool: EmbedderPool,
  guard: (routeClass: RouteClass) => RequestHandler,
): void {
  const read = guard('admin');
  const write = [guard('admin-write'), express.json({ type: () => true, limit: '64kb', strict: false })];
  app.get('/admin/backends', read, (_request, response) => {
    sendJson(response, 200, { backends: pool.stats().backends });
  });
  app.post('/admin/backends', write, (async (request, response) => {
    await answer(response, 201, () => pool.admin.add(request.body));
  }) satisfies RequestHandler);
  app.post('/admin/backends/:id/drain', write, (async (request, response) => {
    await answer(response, 200, () => pool.admin.drain(idOf(request.params)));
  }) satisfies RequestHandler);
  app.post('/admin/backends/:id/resume', write, (async (request, response) => {
    await answer(response, 200, () => pool.admin.resume(idOf(request.params)));
  }) satisfies RequestHandler);
  app.post('/admin/backends/:id/reference', write, (async (request, response) => {
    await answer(response, 200, () => pool.admin.nameReference(idOf(request.params)));
  }) satisfies RequestHandler);
  app.delete('/admin/backends/:id', write, (async (request, response) => {
    await answer(response, 204, () => pool.admin.remove(idOf(request.params)));
  }) satisfies RequestHandler);
}

async function answer(response: Response, status: number, act: () => unknown): Promise<void> {
  try {
    const result = await act();
    if (result === undefined) response.writeHead(status).end();
    else sendJson(response, status, result);
  } catch (error) {
    if (!(error instanceof PoolError)) throw error;
    const rendered = dialects.djl.renderError(gatewayErrorOf(error));
    response.writeHead(rendered.status, rendered.headers).end(rendered.body);
  }
}

function sendJson(response: Response, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}

/** Express has decoded it; the route's pattern makes it one string. */
function idOf(params: Readonly<Record<string, string | string[]>>): string {
  return String(params.id);
}
