/** Told of one element of a top-level list: the list's name and the element as JSON text. */
export type ElementListener = (list: string, text: string) => void;

/** Finds the elements of the lists of a JSON object without holding more than one of them. */
export interface DetailScanner {
  /** Reads on; calls the listener for every element that ends in this chunk. */
  write(chunk: Uint8Array): void;
  /** True when the text so far is whole: every bracket closed, no element cut, no words that are no JSON. */
  isWhole(): boolean;
  /** Elements that were longer than the bound, and so skipped. */
  readonly skipped: number;
  /** True once the text cannot be what was promised: a stray closing bracket, or nesting without end. */
  readonly broken: boolean;
}

const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const MAX_KEY_BYTES = 256;
const MAX_DEPTH = 512;
/** What stands outside all brackets is kept so far: no JSON value of one word is longer. */
const MAX_BARE_BYTES = 64;

/**
 * Scans `{"List": [element, …], …}` byte by byte. Elements are objects two levels down; everything else
 * is passed over. Several such objects in a row (pages) are read as one. UTF-8 needs no decoding here:
 * no byte of a longer character equals a bracket or a quote.
 */
export function createDetailScanner(listener: ElementListener, maxElementBytes: number): DetailScanner {
  let depth = 0;
  let inString = false;
  let isEscaped = false;
  let key: number[] = [];
  let list = '';
  let skipped = 0;
  let broken = false;
  let parts: Uint8Array[] = [];
  let partBytes = 0;
  let isInElement = false;
  const bare: number[] = [];

  function write(chunk: Uint8Array): void {
    let start = 0;
    for (let index = 0; index < chunk.length && !broken; index += 1) {
      const byte = chunk[index] ?? 0;
      if (inString) {
        readStringByte(byte);
        continue;
      }
      switch (byte) {
        case QUOTE:
          inString = true;
          if (depth === 1) key = [];
          break;
        case OPEN_OBJECT:
        case OPEN_ARRAY:
          depth += 1;
          if (depth === 2 && byte === OPEN_ARRAY) list = Buffer.from(key).toString('utf8');
          if (depth === 3 && byte === OPEN_OBJECT && list !== '') {
            isInElement = true;
            start = index;
          }
          broken = depth > MAX_DEPTH;
          break;
        case CLOSE_OBJECT:
        case CLOSE_ARRAY:
          if (isInElement && depth === 3) {
            hold(chunk.subarray(start, index + 1));
            finish();
          }
          depth -= 1;
          if (depth === 1) list = '';
          broken = depth < 0;
          break;
        default:
          if (depth === 0 && byte > SPACE && bare.length <= MAX_BARE_BYTES) bare.push(byte);
      }
    }
    if (isInElement) hold(chunk.slice(start));
  }

  function readStringByte(byte: number): void {
    if (isEscaped) isEscaped = false;
    else if (byte === BACKSLASH) isEscaped = true;
    else if (byte === QUOTE) {
      inString = false;
      return;
    }
    if (depth === 1 && key.length < MAX_KEY_BYTES) key.push(byte);
  }

  /** Keeps a part of the element under way, up to the bound; beyond it only the length counts. */
  function hold(part: Uint8Array): void {
    partBytes += part.length;
    if (partBytes > maxElementBytes) parts = [];
    else parts.push(part);
  }

  function finish(): void {
    isInElement = false;
    if (partBytes > maxElementBytes) skipped += 1;
    else listener(list, Buffer.concat(parts).toString('utf8'));
    parts = [];
    partBytes = 0;
  }

  return {
    write,
    isWhole: () => depth === 0 && !inString && !broken && isBlankOrValue(bare),
    get skipped() {
      return skipped;
    },
    get broken() {
      return broken;
    },
  };
}

/** A byte order mark says nothing; `null` is JSON, if not what was asked for. */
function isBlankOrValue(bare: readonly number[]): boolean {
  const text = Buffer.from(bare).toString('utf8').replace('\ufeff', '');
  return /^(?:true|false|null|-?[0-9][0-9.eE+-]{0,62})?$/.test(text);
}
