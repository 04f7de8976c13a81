import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { MetricsRouteOptions } from './routes/metrics.ts';

export type MetricsListenerOptions = MetricsRouteOptions & {
  readonly host: string;
  readonly port: number;
};

const TIMEOUT_MS = 10_000;
const MAX_CONNECTIONS = 64;

/**
 * Serves `/metrics`, and nothing else, on an address of its own, so that a firewall or a network policy
 * can tell scrapers from callers. Opens when the app gets ready, which fails if it cannot; closes last.
 */
export function listenForMetrics(app: FastifyInstance, options: MetricsListenerOptions): void {
  const server = createServer(
    { requestTimeout: TIMEOUT_MS, headersTimeout: TIMEOUT_MS },
    (request, answer) => {
      answerScrape(request, answer, options).catch((error: unknown) => {
        app.log.error({ err: error }, 'metrics could not be read');
        answer.writeHead(500).end();
      });
    },
  );
  server.maxConnections = MAX_CONNECTIONS;

  app.addHook('onReady', async () => {
    server.listen(options.port, options.host);
    await once(server, 'listening');
    const { address, port } = server.address() as AddressInfo;
    app.log.info({ address, port }, 'metrics have a listener of their own');
  });
  app.addHook('onClose', async () => {
    if (!server.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });
}

async function answerScrape(
  request: IncomingMessage,
  answer: ServerResponse,
  { expose }: MetricsRouteOptions,
): Promise<void> {
  request.resume();
  const path = request.url?.split('?', 1)[0];
  if (path !== '/metrics' || (request.method !== 'GET' && request.method !== 'HEAD')) {
    answer.writeHead(404).end();
    return;
  }
  const { contentType, text } = await expose();
  answer.writeHead(200, { 'content-type': contentType, 'content-length': Buffer.byteLength(text) });
  answer.end(request.method === 'HEAD' ? undefined : text);
}
