const EVENT_ID = '"eventID":"';
const EVENT_TIME = '"eventTime":"';
/** Of an id: what is written anew. */
const ID_LENGTH = 8;
/** Of a time: date and hour, which is longer than any body lasts. */
const HOUR_LENGTH = '2026-03-04T09'.length;
const FIRST_HOUR = Date.UTC(2026, 2, 4, 9);

/**
 * A body that is a new part of the log each time it is sent: its events get new ids and pass on to the next
 * hour. In a log every event is new and times go on; the same few sent again and again would all be the first
 * uses of their sessions, which is the dear and rare case.
 */
export class RenewedBody {
  readonly #body: Buffer;
  readonly #ids: readonly number[];
  readonly #times: readonly number[];
  #passes = 0;

  constructor(body: Buffer) {
    this.#body = body;
    this.#ids = placesBehind(EVENT_ID, body);
    this.#times = placesBehind(EVENT_TIME, body);
  }

  /** Bytes of the body. */
  get length(): number {
    return this.#body.length;
  }

  /** The body with its next events: the same memory each time. */
  next(): Buffer {
    const body = this.#body;
    const id = this.#passes.toString(16).padStart(ID_LENGTH, '0').slice(-ID_LENGTH);
    const hour = new Date(FIRST_HOUR + this.#passes * 3_600_000).toISOString().slice(0, HOUR_LENGTH);
    for (const place of this.#ids) body.write(id, place, 'latin1');
    for (const place of this.#times) body.write(hour, place, 'latin1');
    this.#passes++;
    return body;
  }
}

function placesBehind(text: string, body: Buffer): readonly number[] {
  const places: number[] = [];
  for (let at = body.indexOf(text); at >= 0; at = body.indexOf(text, at + 1)) places.push(at + text.length);
  return places;
}
