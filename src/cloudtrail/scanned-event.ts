import { ByteCache } from './byte-cache.ts';
import { type Caller, callerOf } from './caller.ts';
import { type CloudTrailEvent, parsedObject } from './event.ts';
import { isObject, type JsonObject, presentBoolean, presentString, readMember } from './json.ts';
import { MEMBER, MEMBERS, type MemberIndex } from './member-index.ts';

const REPEATED: ReadonlySet<string> = new Set([
  'eventVersion',
  'eventSource',
  'eventName',
  'awsRegion',
  'sourceIPAddress',
  'userAgent',
  'errorCode',
  'eventType',
  'eventCategory',
  'recipientAccountId',
  'vpcEndpointId',
]);

/**
 * A {@link CloudTrailEvent} over the received bytes: each member is decoded when it is first read and
 * kept. Most enrichers read ten short members of a record of 1,500 bytes, so most bytes are never decoded.
 */
export class ScannedEvent implements CloudTrailEvent {
  readonly #index: MemberIndex;
  readonly #row: number;
  readonly #fallbackTime: string | undefined;
  /** Decoded members by column; `undefined` entries hold {@link ABSENT} once read. */
  readonly #decoded: unknown[] = [];
  #userIdentity: Identity | undefined;
  #whole: JsonObject | undefined;

  /** @param fallbackTime an agent's `@timestamp`, for records whose `eventTime` the cloudtrail codec took */
  constructor(index: MemberIndex, row: number, fallbackTime?: string) {
    this.#index = index;
    this.#row = row;
    this.#fallbackTime = fallbackTime;
  }

  get eventVersion(): string | undefined {
    return this.#text(MEMBER.eventVersion);
  }
  get eventTime(): string | undefined {
    return this.#text(MEMBER.eventTime) ?? this.#text(MEMBER['@timestamp']) ?? this.#fallbackTime;
  }
  get eventSource(): string | undefined {
    return this.#text(MEMBER.eventSource);
  }
  get eventName(): string | undefined {
    return this.#text(MEMBER.eventName);
  }
  get awsRegion(): string | undefined {
    return this.#text(MEMBER.awsRegion);
  }
  get sourceIPAddress(): string | undefined {
    return this.#text(MEMBER.sourceIPAddress) ?? this.#text(MEMBER.sourceIpAddress);
  }
  get userAgent(): string | undefined {
    return this.#text(MEMBER.userAgent);
  }
  get errorCode(): string | undefined {
    return this.#text(MEMBER.errorCode);
  }
  get errorMessage(): string | undefined {
    return this.#text(MEMBER.errorMessage);
  }
  get requestID(): string | undefined {
    return this.#text(MEMBER.requestID);
  }
  get eventID(): string | undefined {
    return this.#text(MEMBER.eventID);
  }
  get eventType(): string | undefined {
    return this.#text(MEMBER.eventType);
  }
  get eventCategory(): string | undefined {
    return this.#text(MEMBER.eventCategory);
  }
  get readOnly(): boolean | undefined {
    return presentBoolean(this.#value(MEMBER.readOnly));
  }
  get managementEvent(): boolean | undefined {
    return presentBoolean(this.#value(MEMBER.managementEvent));
  }
  get recipientAccountId(): string | undefined {
    return this.#text(MEMBER.recipientAccountId);
  }
  get sharedEventID(): string | undefined {
    return this.#text(MEMBER.sharedEventID);
  }
  get vpcEndpointId(): string | undefined {
    return this.#text(MEMBER.vpcEndpointId);
  }
  get sessionCredentialFromConsole(): boolean | undefined {
    return presentBoolean(this.#value(MEMBER.sessionCredentialFromConsole));
  }
  get userIdentity(): JsonObject | undefined {
    return this.caller?.identity;
  }
  get caller(): Caller | undefined {
    return this.#identity().caller;
  }
  get requestParameters(): JsonObject | undefined {
    return parsedObject(this.#value(MEMBER.requestParameters));
  }
  get responseElements(): JsonObject | undefined {
    return parsedObject(this.#value(MEMBER.responseElements));
  }
  get additionalEventData(): JsonObject | undefined {
    return parsedObject(this.#value(MEMBER.additionalEventData));
  }

  member(name: string): unknown {
    const column = (MEMBERS as readonly string[]).indexOf(name);
    if (column === MEMBER.userIdentity) return this.#identity().value;
    return column >= 0 ? this.#value(column) : readMember(this.#parsed(), name);
  }

  #identity(): Identity {
    if (this.#userIdentity === undefined) {
      const start = this.#index.valueStart(this.#row, MEMBER.userIdentity);
      const end = this.#index.valueEnd(this.#row, MEMBER.userIdentity);
      const bytes = this.#index.scanner.bytes as Buffer;
      this.#userIdentity =
        start === 0 ? NOBODY : IDENTITIES.get(bytes, this.#index.scanner.words, start, end, decodeIdentity);
    }
    return this.#userIdentity;
  }

  #text(column: number): string | undefined {
    return presentString(this.#value(column));
  }

  #value(column: number): unknown {
    const known = this.#decoded[column];
    if (known !== undefined) return known === ABSENT ? undefined : known;
    const start = this.#index.valueStart(this.#row, column);
    if (start === 0) {
      this.#decoded[column] = ABSENT;
      return undefined;
    }
    const bytes = this.#index.scanner.bytes as Buffer;
    const end = this.#index.valueEnd(this.#row, column);
    const cache = CACHES[column];
    const value =
      cache === undefined
        ? decode(bytes, start, end)
        : cache.get(bytes, this.#index.scanner.words, start, end, decode);
    this.#decoded[column] = value;
    return value;
  }

  #parsed(): JsonObject {
    if (this.#whole === undefined) {
      const bytes = this.#index.scanner.bytes as Buffer;
      const parsed = decode(bytes, this.#index.start(this.#row), this.#index.end(this.#row));
      this.#whole = isObject(parsed) ? parsed : {};
    }
    return this.#whole;
  }
}

const ABSENT = Symbol('absent');

/** A `userIdentity` as it was parsed, and what it says. */
type Identity = { readonly value: unknown; readonly caller: Caller | undefined };

const NOBODY: Identity = { value: undefined, caller: undefined };
const IDENTITIES = new ByteCache<Identity>(4096, 2048);

function decodeIdentity(bytes: Buffer, start: number, end: number): Identity {
  const value = decode(bytes, start, end);
  const identity = parsedObject(value);
  return { value, caller: identity && callerOf(identity) };
}

/** Members that say the same in many records, each with a cache of its own. */
const CACHES: readonly (ByteCache<unknown> | undefined)[] = MEMBERS.map((name) =>
  REPEATED.has(name) ? new ByteCache(2048, 256) : undefined,
);

/** Strings up to this length are looked at for escapes here; longer ones are left to `JSON.parse`. */
const SHORT_STRING = 512;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Decodes the validated JSON value in `[start, end)`. */
function decode(bytes: Buffer, start: number, end: number): unknown {
  if (bytes[start] === QUOTE && end - start < SHORT_STRING && isPlain(bytes, start + 1, end - 1)) {
    return bytes.toString('latin1', start + 1, end - 1);
  }
  return JSON.parse(bytes.toString('utf8', start, end));
}

/** True for ASCII without escapes: what such bytes say is what they are. */
function isPlain(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number;
    if (byte === BACKSLASH || byte > 0x7f) return false;
  }
  return true;
}
