import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { ProblemError } from '../errors.ts';

/** Bounds of decompression. */
export type DecompressLimits = {
  readonly maxBytes: number;
  /** Most bytes per received byte; small bodies may always grow to {@link ALWAYS_ALLOWED_BYTES}. */
  readonly maxRatio: number;
};

/** Well-formed logs compress a hundredfold when small; a bomb needs more than this to hurt. */
const ALWAYS_ALLOWED_BYTES = 1024 * 1024;
/** A `.json.gz` file sent with `Content-Encoding: gzip` is compressed twice; more layers are an attack. */
const MAX_LAYERS = 2;
/** Below this size unpacking at once is cheaper than a turn through the thread pool. */
const SYNCHRONOUS_BYTES = 4096;

type Options = { readonly maxOutputLength: number; readonly limit: string };
type Decoder = (body: Buffer, options: Options) => Promise<Buffer> | Buffer;

const DECODERS: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ['gzip', decoder(zlib.gunzipSync, zlib.gunzip)],
  ['x-gzip', decoder(zlib.gunzipSync, zlib.gunzip)],
  ['deflate', inflateEither],
  ['br', decoder(zlib.brotliDecompressSync, zlib.brotliDecompress)],
  ...zstdDecoder(),
]);

/** Whether {@link decompress} has anything to do. */
export function isPacked(body: Buffer, encoding: string | undefined): boolean {
  return encoding !== undefined || isGzip(body);
}

/** How large a body of so many received bytes may become. */
export function mostUnpackedBytes(receivedBytes: number, limits: DecompressLimits): number {
  return Math.min(limits.maxBytes, Math.max(ALWAYS_ALLOWED_BYTES, receivedBytes * limits.maxRatio));
}

/**
 * The body as JSON bytes: unpacked by `Content-Encoding`, then by the gzip magic number, whatever the
 * content type says. Ask {@link isPacked} first: most bodies need no unpacking, and no promise.
 *
 * @throws {ProblemError} 415 for an encoding this Node cannot read, 413 for a bomb, 400 for broken data
 */
export async function decompress(
  body: Buffer,
  encoding: string | undefined,
  limits: DecompressLimits,
): Promise<Buffer> {
  const maxOutputLength = mostUnpackedBytes(body.length, limits);
  const limit =
    maxOutputLength < limits.maxBytes
      ? 'DETRAILS_MAX_DECOMPRESSION_RATIO'
      : 'DETRAILS_MAX_DECOMPRESSED_BYTES';
  const options = { maxOutputLength, limit };
  const names = (encoding ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity')
    .reverse();
  if (names.length > MAX_LAYERS) throw unsupported();
  let unpacked = body;
  for (const name of names) {
    const decode = DECODERS.get(name);
    if (decode === undefined) throw unsupported(name);
    unpacked = await run(decode, unpacked, options);
  }
  for (let layer = 0; layer < MAX_LAYERS && isGzip(unpacked); layer++) {
    unpacked = await run(decoder(zlib.gunzipSync, zlib.gunzip), unpacked, options);
  }
  return unpacked;
}

async function run(decode: Decoder, body: Buffer, options: Options): Promise<Buffer> {
  try {
    return await decode(body, options);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ERR_BUFFER_TOO_LARGE' || code === 'ERR_OUT_OF_RANGE') {
      throw new ProblemError(
        'decompressed_too_large',
        `more than ${options.maxOutputLength} bytes, by ${options.limit}`,
      );
    }
    throw new ProblemError('invalid_encoding');
  }
}

function isGzip(body: Buffer): boolean {
  return body[0] === 0x1f && body[1] === 0x8b;
}

function decoder(
  now: (body: Buffer, options: Options) => Buffer,
  later: (body: Buffer, options: Options, done: (error: Error | null, result: Buffer) => void) => void,
): Decoder {
  const promised = promisify(later);
  return (body, options) => (body.length <= SYNCHRONOUS_BYTES ? now(body, options) : promised(body, options));
}

/** `deflate` means zlib's format (RFC 9110); some senders mean the bare stream. */
function inflateEither(body: Buffer, options: Options): Promise<Buffer> | Buffer {
  const isZlib = ((body[0] ?? 0) & 0x0f) === 8 && (((body[0] ?? 0) << 8) | (body[1] ?? 0)) % 31 === 0;
  return isZlib
    ? decoder(zlib.inflateSync, zlib.inflate)(body, options)
    : decoder(zlib.inflateRawSync, zlib.inflateRaw)(body, options);
}

type ZstdNode = {
  zstdDecompressSync?: (body: Buffer, options: Options) => Buffer;
  zstdDecompress?: (
    body: Buffer,
    options: Options,
    done: (error: Error | null, result: Buffer) => void,
  ) => void;
};

/** zstd came with Node 22.15; on older lines it stays unsupported. */
function zstdDecoder(): [string, Decoder][] {
  const { zstdDecompressSync, zstdDecompress } = zlib as ZstdNode;
  if (zstdDecompressSync === undefined || zstdDecompress === undefined) return [];
  return [['zstd', decoder(zstdDecompressSync, zstdDecompress)]];
}

function unsupported(name?: string): ProblemError {
  const known = [...DECODERS.keys()].filter((key) => key !== 'x-gzip').join(', ');
  const zstd = name === 'zstd' ? `zstd needs Node 22.15 or newer, this is ${process.version}; ` : '';
  return new ProblemError('unsupported_encoding', `${zstd}readable here: ${known}`);
}
