import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { TestContext } from 'node:test';

/** What Fastify says when one of its routes answers. */
const HANDLED = 'tracing:fastify.request.handler:start';

/** How many requests of this process went through the framework, from now on. */
export function countHandled(t: TestContext): () => number {
  let handled = 0;
  const onHandled = (): void => {
    handled++;
  };
  subscribe(HANDLED, onHandled);
  t.after(() => unsubscribe(HANDLED, onHandled));
  return () => handled;
}
