import { IncomingMessage } from 'node:http';
import { type Allocate, BodyCollector } from './body-collector.ts';

/**
 * A request whose body may be taken as it arrives. It is a stream like any other until somebody takes it;
 * but what a stream does for a body of one piece is an eighth of what a request of one record costs.
 *
 * For servers made with the option `IncomingMessage`. Node's parser hands each piece to `push`, as every
 * source of a stream does, and null behind the last (`parserOnBody` and `parserOnMessageComplete`).
 *
 * @see https://nodejs.org/api/http.html#httpcreateserveroptions-requestlistener
 * @see https://github.com/nodejs/node/blob/main/lib/_http_common.js
 */
export class DirectRequest extends IncomingMessage {
  #taker: { readonly collector: BodyCollector; readonly done: (body: Buffer) => void } | undefined;

  /**
   * Takes the body past the stream, which stays empty and open. To be called when the server hands out the
   * request: what arrived before is in the stream.
   *
   * @param declared bytes by `Content-Length`
   * @param allocate gives the memory of a body that comes in pieces
   * @param done called once, with the body; never for a client that leaves in the middle
   */
  takeBody(declared: number, allocate: Allocate, done: (body: Buffer) => void): void {
    this.#taker = { collector: new BodyCollector(declared, allocate), done };
    // Somebody reads: what nobody does, Node reads and throws away once there is an answer.
    this.read(0);
  }

  /** Ends the stream, whose body was taken, for whoever handles the request from here. */
  endStream(): void {
    super.push(null);
    this.resume();
  }

  override push(piece: Buffer | null, encoding?: BufferEncoding): boolean {
    const taker = this.#taker;
    if (taker === undefined) return super.push(piece, encoding);
    if (piece !== null) {
      taker.collector.add(piece);
      return true;
    }
    // A connection keeps its last request until the next one: nothing of it but that.
    this.#taker = undefined;
    taker.done(taker.collector.body());
    return false;
  }
}
