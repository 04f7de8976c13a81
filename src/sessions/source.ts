import { boundedMemo } from './bounded-memo.ts';
import { SHORT_HASH_LENGTH, shortHash } from './short-hash.ts';

/**
 * Where a call came from, in the one spelling by which two calls are compared. An IPv4 address stands for
 * itself. An IPv6 address stands for its /56, the smallest block a customer or a VPC is given, because
 * hosts change the lower bits by the hour.
 *
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
export type Source = {
  /** `198.51.100.7`, `2001:db8:1::/56` or `vpce-0123456789abcdef0`. */
  readonly text: string;
  /** An address for look-ups by network: the address, the /56's first address; absent for an endpoint. */
  readonly address: string | undefined;
  readonly kind: 'v4' | 'v6' | 'endpoint';
  /** The /24 or /56. */
  readonly network: string;
  /** An address that only exists inside a network: then the call came through a VPC endpoint. */
  readonly isPrivate: boolean;
  /** Its name in a record's bounded group: a static rank, then the text, without slashes. */
  readonly member: string;
  /** {@link shortHash} of the text, for counting distinct sources. */
  readonly hash: string;
};

/**
 * The source of a call, or undefined where `sourceIPAddress` is a service's host name, `AWS Internal`, a
 * console marker or nothing, and no VPC endpoint is named either.
 */
export function sourceOf(
  sourceIPAddress: string | undefined,
  vpcEndpointId: string | undefined,
): Source | undefined {
  if (sourceIPAddress !== undefined) {
    const source = addressSource(sourceIPAddress);
    if (source !== NONE) return source;
    if (isServiceSource(sourceIPAddress)) return undefined;
  }
  if (vpcEndpointId === undefined || !/^vpce-[0-9a-f]{8,32}$/.test(vpcEndpointId)) return undefined;
  return source(vpcEndpointId, 'endpoint', vpcEndpointId, false, undefined);
}

/** True where a service called, for itself or for somebody: then an endpoint says nothing of the caller. */
export function isServiceSource(sourceIPAddress: string | undefined): boolean {
  if (sourceIPAddress === undefined) return false;
  return sourceIPAddress.endsWith('.amazonaws.com') || sourceIPAddress === 'AWS Internal';
}

/** The source that {@link Source.member} names. */
export function sourceOfMember(member: string): Source | undefined {
  const text = member.slice(SHORT_HASH_LENGTH + 1);
  return text.startsWith('vpce-') ? sourceOf(undefined, text) : sourceOf(text, undefined);
}

/** The source whose {@link Source.text} this is. */
export function sourceOfText(text: string | undefined): Source | undefined {
  if (text === undefined) return undefined;
  if (text.startsWith('vpce-')) return sourceOf(undefined, text);
  return sourceOf(text.endsWith('/56') ? text.slice(0, -3) : text, undefined);
}

const LONGEST_ADDRESS = 45;
const NONE: Source = Object.freeze({
  text: '',
  address: undefined,
  kind: 'endpoint',
  network: '',
  isPrivate: false,
  member: '',
  hash: '',
});

const remembered = boundedMemo(4096, parseSource);

function addressSource(text: string): Source {
  // Longer texts are not remembered: they would be somebody else's way to fill memory.
  return text.length > LONGEST_ADDRESS ? NONE : remembered(text);
}

function parseSource(text: string): Source {
  const words = text.includes(':') ? parseV6(text) : undefined;
  const bytes = words === undefined ? parseV4(text) : mappedV4(words);
  if (bytes !== undefined) {
    const address = bytes.join('.');
    return source(address, 'v4', `${bytes[0]}.${bytes[1]}.${bytes[2]}.0/24`, isPrivateV4(bytes), address);
  }
  if (words === undefined) return NONE;
  const address = blockOf(words);
  const network = `${address}/56`;
  return source(network, 'v6', network, isPrivateV6(words), address);
}

function source(
  text: string,
  kind: Source['kind'],
  network: string,
  isPrivate: boolean,
  address: string | undefined,
): Source {
  // A copy of its own: a text cut out of a request would keep the request in memory.
  const hash = shortHash(text);
  const member = `${hash}~${address ?? text}`;
  return Object.freeze({ text: text.slice(), address, kind, network, isPrivate, member, hash });
}

/** Four numbers; leading zeros are accepted, since redacted records have them and mean decimal. */
function parseV4(text: string): readonly number[] | undefined {
  if (!/^[0-9]{1,3}(?:\.[0-9]{1,3}){3}$/.test(text)) return undefined;
  const bytes = text.split('.').map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

/** Eight words of 16 bits. */
function parseV6(text: string): readonly number[] | undefined {
  const dotted = /:((?:[0-9]{1,3}\.){3}[0-9]{1,3})$/.exec(text);
  const tail = dotted?.[1] === undefined ? undefined : parseV4(dotted[1]);
  if (dotted !== null && tail === undefined) return undefined;
  const plain = dotted?.[1] === undefined ? text : text.slice(0, -dotted[1].length);
  const [left = '', right, more] = plain.split('::');
  if (more !== undefined) return undefined;
  const head = wordsOf(left);
  const rest = right === undefined ? [] : wordsOf(right);
  if (head === undefined || rest === undefined) return undefined;
  if (tail !== undefined) {
    const [a = 0, b = 0, c = 0, d = 0] = tail;
    (right === undefined ? head : rest).push(a * 256 + b, c * 256 + d);
  }
  const missing = 8 - head.length - rest.length;
  if (right === undefined ? missing !== 0 : missing < 1) return undefined;
  return [...head, ...new Array<number>(missing).fill(0), ...rest];
}

function wordsOf(text: string): number[] | undefined {
  const trimmed = text.endsWith(':') ? text.slice(0, -1) : text;
  if (trimmed === '') return [];
  const words = trimmed.split(':');
  return words.every((word) => /^[0-9a-fA-F]{1,4}$/.test(word))
    ? words.map((word) => Number.parseInt(word, 16))
    : undefined;
}

/** `::ffff:198.51.100.7` is 198.51.100.7. */
function mappedV4(words: readonly number[]): readonly number[] | undefined {
  const [a, b, c, d, e, f, high = 0, low = 0] = words;
  if (a !== 0 || b !== 0 || c !== 0 || d !== 0 || e !== 0 || f !== 0xffff) return undefined;
  return [high >> 8, high & 255, low >> 8, low & 255];
}

/** The first address of the /56, as RFC 5952 writes it: the zeros at its end are always the longest run. */
function blockOf(words: readonly number[]): string {
  const block = [words[0] ?? 0, words[1] ?? 0, words[2] ?? 0, (words[3] ?? 0) & 0xff00];
  while (block.length > 0 && block[block.length - 1] === 0) block.pop();
  return `${block.map((word) => word.toString(16)).join(':')}::`;
}

/** RFC 1918, RFC 6598, loopback, link-local and "this network". */
function isPrivateV4(bytes: readonly number[]): boolean {
  const [a = 0, b = 0] = bytes;
  if (a === 10 || a === 127 || a === 0) return true;
  if (a === 172) return b >= 16 && b <= 31;
  if (a === 192) return b === 168;
  if (a === 100) return b >= 64 && b <= 127;
  return a === 169 && b === 254;
}

/** Unique local, link-local, loopback and unspecified. */
function isPrivateV6(words: readonly number[]): boolean {
  const first = words[0] ?? 0;
  return (first & 0xfe00) === 0xfc00 || (first & 0xffc0) === 0xfe80 || first === 0;
}
