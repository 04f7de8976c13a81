import { Writable } from 'node:stream';
import type { TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { type Logger, pino } from 'pino';
import { buildApp, type Dependencies } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { type Knowledge, loadKnowledge } from '../../src/wiring/load-knowledge.ts';

let knowledge: Knowledge | undefined;

/** An app of its own for a test, closed when the test ends. Knowledge is read once per process. */
export async function buildTestApp(
  t: TestContext,
  environment: Readonly<Record<string, string>> = {},
  dependencies: Dependencies = {},
): Promise<FastifyInstance> {
  const config = loadConfig(environment);
  knowledge ??= loadKnowledge(config.DETRAILS_ATTACK_VERSION);
  const app = await buildApp(config, { knowledge, ...dependencies });
  t.after(() => app.close());
  return app;
}

/** An app that listens on a free port of the loopback. */
export async function listenTestApp(
  t: TestContext,
  environment: Readonly<Record<string, string>> = {},
  dependencies: Dependencies = {},
): Promise<{ readonly app: FastifyInstance; readonly port: number }> {
  const app = await buildTestApp(t, environment, dependencies);
  await app.listen({ host: '127.0.0.1', port: 0 });
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('the app listens on no port');
  return { app, port: address.port };
}

/** A logger at the most talkative level, and what it wrote. */
export function capturingLogger(): { readonly logger: Logger; readonly written: () => string } {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  return { logger: pino({ level: 'trace' }, stream), written: () => lines.join('') };
}

/** A value of the metrics text, such as `detrails_admission_bytes`. */
export async function metricOf(app: FastifyInstance, name: string): Promise<number> {
  const { body } = await app.inject('/metrics');
  const line = body.split('\n').find((one) => one.startsWith(`${name} `));
  if (line === undefined) throw new Error(`no metric ${name}`);
  return Number(line.slice(name.length + 1));
}

/** Turns the event loop until the condition holds; a test that waits in vain runs into its own time limit. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await setImmediate();
}
