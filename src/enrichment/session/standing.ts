import type { KeyUse, SessionObservation } from '../../sessions/observation.ts';
import { KEY_RECORD_TTL_MS, WORKLOAD_RECORD_TTL_MS } from '../../sessions/record-key.ts';
import { hashText, numberOfHash } from '../../sessions/short-hash.ts';
import type { HeldMember, HeldRecord, LocalStore } from '../../store/port.ts';
import type { SessionEnrichment } from '../output.ts';
import type { SessionOptions } from '../session.ts';
import type { RememberedSession } from './read-record.ts';
import { COUNT_LIMIT, FIELDS, SOURCE_FIELDS, useLimitOf, useMember } from './record-operations.ts';

/**
 * A use of a key that goes on as it did. Its source is known, so one more event from there changes which uses
 * were the earliest, how many there were and when the last was; and as long as the records stay as they are
 * (`StoredRecord.revision`), what the session's answer says is none of that. Nearly all events are no more:
 * what they teach is merged at once, they need no exchange, and nothing is worked out for them.
 *
 * Merging before the batch's other contributions changes nothing: these operations commute with all.
 */
export class Standing {
  /** What such an event is answered. */
  readonly answer: SessionEnrichment;
  /** What was made of the answer, for whoever made it to find again. */
  reading: object | undefined = undefined;
  readonly #local: LocalStore;
  readonly #options: SessionOptions;
  readonly #use: KeyUse;
  /** The key's record, and the revision of it that the answer rests on. */
  readonly #key: HeldRecord;
  readonly #keyRevision: number;
  /** Where the sources are: the key's own record or its workload's session; likewise. */
  readonly #sources: HeldRecord;
  readonly #sourcesRevision: number;
  readonly #source: HeldMember;
  /** The last of the earliest uses, once all are kept that are: nothing behind it will be. */
  #lastKept = '~';
  /** The largest of the hashes that count the uses, likewise. */
  #largestHash = 2 ** 32;

  private constructor(
    { use, local, options }: StandingBasis,
    answer: SessionEnrichment,
    key: HeldRecord,
    sources: HeldRecord,
    source: HeldMember,
  ) {
    this.answer = answer;
    this.#local = local;
    this.#options = options;
    this.#use = use;
    this.#key = key;
    this.#keyRevision = key.revision;
    this.#sources = sources;
    this.#sourcesRevision = sources.revision;
    this.#source = source;
  }

  /** The standing of a use that was answered `answer`; undefined when its next event may change something else. */
  static of(basis: StandingBasis, answer: SessionEnrichment): Standing | undefined {
    const { use, local, key, sources } = basis;
    const { source, workload } = use;
    if (!use.remembered || source === undefined) return undefined;
    // Whose key it is: the smallest of what is said of it.
    if (workload !== undefined && (key.workload === undefined || key.workload > workload)) return undefined;
    const heldKey = unchanged(local.hold(use.key), key);
    const heldSources = workload === undefined ? heldKey : unchanged(local.hold(workload), sources);
    const fields = heldSources?.member(FIELDS.sources, source.member);
    if (heldKey === undefined || heldSources === undefined || fields === undefined) return undefined;
    return new Standing(basis, answer, heldKey, heldSources, fields);
  }

  /** The standing of `use`, when it holds in this store and with these options. */
  static find(use: KeyUse, local: LocalStore, options: SessionOptions): Standing | undefined {
    const { reading } = use;
    if (!(reading instanceof Standing)) return undefined;
    return reading.#local === local && reading.#options === options && reading.isCurrent()
      ? reading
      : undefined;
  }

  /**
   * Takes one more event of the use: merges what it teaches. False when a record is gone: then it is to be
   * exchanged like any other. No such event reveals anything: its source is the only one, or the key's own.
   *
   * @param now of `LocalStore.begin`
   */
  takes(observation: SessionObservation & { readonly time: string }, now: number): boolean {
    const key = this.#key;
    const sources = this.#sources;
    const { time, eventHash } = observation;
    if (!key.renew(now, KEY_RECORD_TTL_MS)) return false;
    if (sources !== key && !sources.renew(now, WORKLOAD_RECORD_TTL_MS)) return false;
    // A kept use begins with its time, and sorts behind the time alone.
    if (time <= this.#lastKept) this.#keepUse(observation);
    if (eventHash >>> 0 < this.#largestHash) this.#count(eventHash);
    this.#source.raise(SOURCE_FIELDS.last, time);
    return true;
  }

  #keepUse(observation: SessionObservation & { readonly time: string }): void {
    const limit = useLimitOf(this.#use);
    this.#source.keepSmallest(SOURCE_FIELDS.uses, useMember(this.#use, observation), limit);
    this.#lastKept = this.#source.largestOf(SOURCE_FIELDS.uses, limit) ?? this.#lastKept;
  }

  #count(eventHash: number): void {
    this.#source.keepSmallest(SOURCE_FIELDS.count, hashText(eventHash), COUNT_LIMIT);
    const largest = this.#source.largestOf(SOURCE_FIELDS.count, COUNT_LIMIT);
    if (largest !== undefined) this.#largestHash = numberOfHash(largest);
  }

  /** False when a record has changed since, or left memory. */
  isCurrent(): boolean {
    return this.#key.revision === this.#keyRevision && this.#sources.revision === this.#sourcesRevision;
  }
}

/** What a standing is made of, besides the answer. */
export type StandingBasis = {
  readonly use: KeyUse;
  readonly local: LocalStore;
  readonly options: SessionOptions;
  /** What is known of the key. */
  readonly key: RememberedSession;
  /** Where the sources are: there too, or in the workload's session. */
  readonly sources: RememberedSession;
};

/** Undefined when the record has changed since it was read. */
function unchanged(held: HeldRecord | undefined, session: RememberedSession): HeldRecord | undefined {
  return held?.record?.reading === session && held.revision === session.revision ? held : undefined;
}
