import type { FastifyInstance } from 'fastify';

export type ProbesOptions = {
  /** True once a shutdown began: readiness goes first, so that traffic moves away. */
  readonly isDraining: () => boolean;
  /** Named facts for humans, shown by `?verbose`. They never decide readiness: shared state is a cache. */
  readonly checks: () => Readonly<Record<string, string>>;
};

/** `GET /livez` (the process answers), `GET /readyz` (it takes traffic); `/healthz` for older habits. */
export async function probesRoute(app: FastifyInstance, options: ProbesOptions): Promise<void> {
  const hidden = { schema: { hide: true }, logLevel: 'silent' as const };

  app.get('/livez', hidden, async (_request, reply) => reply.type('text/plain').send('ok\n'));

  for (const url of ['/readyz', '/healthz']) {
    app.get(url, hidden, async (request, reply) => {
      const draining = options.isDraining();
      reply.code(draining ? 503 : 200).type('text/plain');
      const state = draining ? 'draining' : 'ok';
      const wantsMore = /[?&]verbose(?:[=&]|$)/.test(request.raw.url ?? '');
      if (!wantsMore) return reply.send(`${state}\n`);
      const lines = Object.entries(options.checks()).map(([name, value]) => `[+] ${name} ${value}`);
      return reply.send([...lines, state, ''].join('\n'));
    });
  }
}
