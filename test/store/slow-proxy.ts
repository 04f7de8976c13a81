import { connect, createServer, type Socket } from 'node:net';
import type { Cleanup } from './redis-server.ts';

/** A TCP proxy on loopback whose answers take `delayMs` longer. */
export type SlowProxy = { readonly port: number; delayMs: number };

/** Starts a {@link SlowProxy} in front of a local port. */
export async function startSlowProxy(t: Cleanup, targetPort: number): Promise<SlowProxy> {
  const sockets = new Set<Socket>();
  const proxy = { port: 0, delayMs: 0 };
  const server = createServer((client) => {
    const upstream = connect({ host: '127.0.0.1', port: targetPort });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (data) => upstream.write(data));
    let before = Promise.resolve();
    upstream.on('data', (data) => {
      const due = performance.now() + proxy.delayMs;
      // What came earlier goes on earlier, also when the delay was just taken away.
      before = before.then(async () => {
        const wait = due - performance.now();
        if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait).unref());
        client.write(data);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  proxy.port = typeof address === 'object' && address !== null ? address.port : 0;
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return proxy;
}
