import type { FastifyInstance } from 'fastify';
import { type Metrics, ROUTES } from '../metrics.ts';

type Observe = (seconds: number) => void;

/** Counts and times every request. Label children are looked up once per combination, not per request. */
export function measureRequests(app: FastifyInstance, metrics: Metrics): void {
  const observers = new Map<string, Observe>();

  app.addHook('onResponse', (request, reply, done) => {
    const route = routeLabel(request.routeOptions.url);
    const key = `${request.method} ${reply.statusCode} ${route}`;
    let observe = observers.get(key);
    if (observe === undefined) {
      const method = KNOWN_METHODS.has(request.method) ? request.method : 'other';
      const status_class = `${Math.floor(reply.statusCode / 100)}xx`;
      const child = metrics.httpRequestDuration.labels({ route, method, status_class });
      observe = (seconds) => child.observe(seconds);
      observers.set(key, observe);
    }
    observe(reply.elapsedTime / 1000);
    done();
  });
}

const KNOWN_METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT']);

function routeLabel(url: string | undefined): (typeof ROUTES)[number] {
  const base = url?.replace(/\/:.*$/, '');
  return ROUTES.find((route) => route === base) ?? 'other';
}
