import { ByteCache, hashBytes } from './byte-cache.ts';
import { type Caller, callerOf } from './caller.ts';
import { decodeValue } from './decode-value.ts';
import { parsedObject } from './event.ts';
import { JsonScanner } from './json-scanner.ts';

/**
 * The identities that were read lately. They are the longest thing that records repeat: a third of their
 * bytes. So one that is known is recognized while the record is walked, by comparing its bytes, and neither
 * scanned nor decoded again. What is recognized was validated before, and an object ends itself: bytes that
 * are the same from its first to its last brace are the same value, whatever comes behind.
 *
 */
export type Identity = {
  /** The member as it was parsed. */
  readonly value: unknown;
  readonly caller: Caller | undefined;
  /** Bytes it takes, and its depth as `JsonScanner.deepest` counts. */
  readonly length: number;
  readonly depth: number;
};

/** What a record without `userIdentity` has. */
export const NO_IDENTITY: Identity = { value: undefined, caller: undefined, length: 0, depth: 0 };

const LONGEST = 2048;
/** Bytes that a hash needs. */
const SHORTEST = 4;
const known = new ByteCache<Identity>(4096, LONGEST);

/**
 * How long the identity was that began the same way last time. Its beginning holds the type, the
 * principal's id and the session's name, so that mostly only the key and the times behind it differ.
 */
const LENGTH_SLOTS = 16_384;
const lengths = new Int16Array(LENGTH_SLOTS);
/** Where the part of the beginning lies that differs. */
const BEGIN = 16;
const BEGIN_LENGTH = 48;
const BEGIN_END = BEGIN + BEGIN_LENGTH;

/** The identity whose object starts at `start`, when it is among those that were read lately. */
export function knownIdentity({ bytes, view }: JsonScanner, start: number): Identity | undefined {
  if (start + BEGIN_END > bytes.length) return undefined;
  const length = lengths[beginning(view, start)] as number;
  if (length === 0 || start + length > bytes.length) return undefined;
  const slot = known.find(hashOf(view, start, length), view, start, length);
  return slot < 0 ? undefined : known.valueOf(slot);
}

/** The identity that the validated JSON value in `[start, end)` describes. */
export function identityAt({ bytes, view }: JsonScanner, start: number, end: number): Identity {
  const length = end - start;
  if (length > LONGEST || length < SHORTEST) return decoded(bytes, start, end);
  if (start + BEGIN_END <= bytes.length) lengths[beginning(view, start)] = length;
  const hash = hashOf(view, start, length);
  const slot = known.find(hash, view, start, length);
  if (slot >= 0) return known.valueOf(slot);
  const identity = decoded(bytes, start, end);
  known.keep(hash, view, start, length, identity);
  return identity;
}

function beginning(view: DataView, start: number): number {
  return hashBytes(view, start + BEGIN, BEGIN_LENGTH) & (LENGTH_SLOTS - 1);
}

/**
 * Behind what tells principals and their sessions apart, every fourth word is looked at: a key's id and the
 * time it was made are long enough to differ there.
 */
const DENSE = 96;

function hashOf(view: DataView, start: number, length: number): number {
  if (length <= DENSE) return hashBytes(view, start, length);
  let hash = hashBytes(view, start + BEGIN, DENSE - BEGIN) ^ length;
  for (let at = start + DENSE, last = start + length - 4; at <= last; at += 16) {
    hash = Math.imul(hash ^ (hash >>> 15) ^ view.getInt32(at, true), 0x9e3779b1);
  }
  return hash ^ (hash >>> 15);
}

function decoded(bytes: Buffer, start: number, end: number): Identity {
  const value = decodeValue(bytes, start, end);
  const object = parsedObject(value);
  const scanner = new JsonScanner(bytes);
  scanner.skipValue(start);
  return { value, caller: object && callerOf(object), length: end - start, depth: scanner.deepest };
}
