import type { Caller } from './caller.ts';
import { decodeValue } from './decode-value.ts';
import { type CloudTrailEvent, parsedObject } from './event.ts';
import type { Identity } from './identity.ts';
import { isObject, type JsonObject, presentBoolean, presentString, readMember } from './json.ts';
import type { MemberIndex } from './member-index.ts';
import { MEMBER, MEMBERS } from './member-names.ts';
import { ShallowObject } from './shallow-object.ts';

/**
 * A {@link CloudTrailEvent} over the received bytes. The texts that many records share were found in their
 * caches while the record was walked, when its bytes were at hand; every other member is decoded when it is
 * first read, and kept where that is dear. So most bytes of a record are never decoded.
 */
export class ScannedEvent implements CloudTrailEvent {
  readonly eventSource: string | undefined;
  readonly eventName: string | undefined;
  readonly awsRegion: string | undefined;
  readonly sourceIPAddress: string | undefined;
  readonly userAgent: string | undefined;
  readonly errorCode: string | undefined;
  readonly eventType: string | undefined;
  readonly recipientAccountId: string | undefined;
  readonly vpcEndpointId: string | undefined;
  readonly #index: MemberIndex;
  readonly #row: number;
  readonly #fallbackTime: string | undefined;
  #userIdentity: Identity | undefined;
  #eventTime: string | undefined | typeof UNREAD = UNREAD;
  #requestParameters: JsonObject | undefined | typeof UNREAD = UNREAD;
  #responseElements: JsonObject | undefined | typeof UNREAD = UNREAD;
  #additionalEventData: JsonObject | undefined | typeof UNREAD = UNREAD;
  #request: ShallowObject | undefined;
  #whole: JsonObject | undefined;

  /** @param fallbackTime an agent's `@timestamp`, for records whose `eventTime` the cloudtrail codec took */
  constructor(index: MemberIndex, row: number, fallbackTime?: string) {
    const texts = index.texts(row);
    this.eventSource = texts[MEMBER.eventSource];
    this.eventName = texts[MEMBER.eventName];
    this.awsRegion = texts[MEMBER.awsRegion];
    this.sourceIPAddress = texts[MEMBER.sourceIPAddress] ?? texts[MEMBER.sourceIpAddress];
    this.userAgent = texts[MEMBER.userAgent];
    this.errorCode = texts[MEMBER.errorCode];
    this.eventType = texts[MEMBER.eventType];
    this.recipientAccountId = texts[MEMBER.recipientAccountId];
    this.vpcEndpointId = texts[MEMBER.vpcEndpointId];
    this.#index = index;
    this.#row = row;
    this.#fallbackTime = fallbackTime;
    this.#userIdentity = index.recognizedIdentity(row);
  }

  get eventVersion(): string | undefined {
    return this.#text(MEMBER.eventVersion);
  }
  get eventTime(): string | undefined {
    if (this.#eventTime === UNREAD) {
      this.#eventTime =
        this.#text(MEMBER.eventTime) ?? this.#text(MEMBER['@timestamp']) ?? this.#fallbackTime;
    }
    return this.#eventTime;
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
  get eventCategory(): string | undefined {
    return this.#text(MEMBER.eventCategory);
  }
  get readOnly(): boolean | undefined {
    return presentBoolean(this.#value(MEMBER.readOnly));
  }
  get managementEvent(): boolean | undefined {
    return presentBoolean(this.#value(MEMBER.managementEvent));
  }
  get sharedEventID(): string | undefined {
    return this.#text(MEMBER.sharedEventID);
  }
  get sessionCredentialFromConsole(): boolean | undefined {
    return presentBoolean(this.#value(MEMBER.sessionCredentialFromConsole));
  }
  get userIdentity(): JsonObject | undefined {
    return this.#identity().caller?.identity;
  }
  get caller(): Caller | undefined {
    return this.#identity().caller;
  }
  get requestParameters(): JsonObject | undefined {
    if (this.#requestParameters === UNREAD) this.#requestParameters = this.#object(MEMBER.requestParameters);
    return this.#requestParameters;
  }
  get responseElements(): JsonObject | undefined {
    if (this.#responseElements === UNREAD) this.#responseElements = this.#object(MEMBER.responseElements);
    return this.#responseElements;
  }
  get additionalEventData(): JsonObject | undefined {
    if (this.#additionalEventData === UNREAD)
      this.#additionalEventData = this.#object(MEMBER.additionalEventData);
    return this.#additionalEventData;
  }

  requestParameter(name: string): unknown {
    const request = this.#shallowRequest();
    return request === undefined ? readMember(this.requestParameters, name) : request.get(name);
  }

  member(name: string): unknown {
    const column = (MEMBERS as readonly string[]).indexOf(name);
    if (column === MEMBER.userIdentity) return this.#identity().value;
    return column >= 0 ? this.#value(column) : readMember(this.#parsed(), name);
  }

  #identity(): Identity {
    this.#userIdentity ??= this.#index.identity(this.#row);
    return this.#userIdentity;
  }

  /** Undefined when the parameters are decoded already, are no object, or only decoding tells their names. */
  #shallowRequest(): ShallowObject | undefined {
    if (this.#requestParameters !== UNREAD) return undefined;
    if (this.#request === undefined) {
      const { scanner } = this.#index;
      const start = this.#index.valueStart(this.#row, MEMBER.requestParameters);
      if (start === 0 || scanner.bytes[start] !== OPEN_BRACE) return undefined;
      this.#request = new ShallowObject(scanner, start);
    }
    return this.#request.hasPlainKeys ? this.#request : undefined;
  }

  #text(column: number): string | undefined {
    return presentString(this.#value(column));
  }

  #object(column: number): JsonObject | undefined {
    return parsedObject(this.#value(column));
  }

  #value(column: number): unknown {
    const start = this.#index.valueStart(this.#row, column);
    if (start === 0) return undefined;
    return decodeValue(this.#index.scanner.bytes, start, this.#index.valueEnd(this.#row, column));
  }

  /** The whole record, for members that the index does not know. */
  #parsed(): JsonObject {
    if (this.#whole === undefined) {
      const { scanner } = this.#index;
      const parsed = decodeValue(scanner.bytes, this.#index.start(this.#row), this.#index.end(this.#row));
      this.#whole = isObject(parsed) ? parsed : {};
    }
    return this.#whole;
  }
}

const OPEN_BRACE = 0x7b;
const UNREAD = Symbol('unread');
