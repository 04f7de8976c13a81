import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';

/** After the last answer, whoever has not sent a whole request by then is hung up on. */
const HANG_UP_MS = 250;

/** What is in work, and whether the service is on its way out. */
export class Drain {
  /** Answers in work, each on a seat of its own: a `Set` grows and shrinks its table every few requests. */
  readonly #seats: (ServerResponse | undefined)[] = [];
  /** Seats nobody has. */
  readonly #free: number[] = [];
  #quiet: (() => void)[] = [];
  #isDraining = false;

  /** True once a shutdown began: readiness goes first, so that traffic moves away. */
  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** True once nobody new is listened to; requests that come over connections of before are refused. */
  isClosed = false;

  /** Requests from their headers to the end of their answers. */
  get inFlight(): number {
    return this.#seats.length - this.#free.length;
  }

  /** From now on every answer closes its connection, also those in work. */
  begin(): void {
    this.#isDraining = true;
    for (const answer of this.#seats) if (answer !== undefined) closeAfter(answer);
  }

  /**
   * A request came; its answer closes the connection if the service is on its way out.
   * @returns its seat, to {@link leave} once
   */
  enter(answer: ServerResponse): number {
    if (this.#isDraining) closeAfter(answer);
    const seat = this.#free.pop() ?? this.#seats.length;
    this.#seats[seat] = answer;
    return seat;
  }

  /** The answer of that seat is over, or its client left. */
  leave(seat: number): void {
    this.#seats[seat] = undefined;
    this.#free.push(seat);
    if (this.inFlight > 0 || this.#quiet.length === 0) return;
    for (const resolve of this.#quiet) resolve();
    this.#quiet = [];
  }

  /** Resolves when nothing is in work, which may be now. */
  whenQuiet(): Promise<void> {
    if (this.inFlight === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#quiet.push(resolve);
    });
  }
}

/**
 * Shuts down without losing a request. Readiness turns 503 at once. While something is in work newcomers
 * are answered too, for at most `lingerMs`: a load balancer needs a moment to look elsewhere, and
 * Logstash's http filter does not repeat what is refused. Then nobody new gets in, what is in work and
 * what waits for admission finishes, and what never sent a whole request is hung up on.
 */
export async function shutDown(app: FastifyInstance, drain: Drain, lingerMs: number): Promise<void> {
  drain.begin();
  await Promise.race([drain.whenQuiet(), wait(lingerMs, undefined, { ref: false })]);
  drain.isClosed = true;
  const closing = app.close();
  await drain.whenQuiet();
  const hangUp = setTimeout(() => app.server.closeAllConnections(), HANG_UP_MS);
  await closing;
  clearTimeout(hangUp);
}

function closeAfter(answer: ServerResponse): void {
  if (!answer.headersSent) answer.setHeader('connection', 'close');
}
