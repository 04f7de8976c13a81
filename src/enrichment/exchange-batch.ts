import type { Contribution, Exchanged } from '../store/port.ts';
import {
  contributionsOf,
  followUps,
  MAX_ROUNDS,
  type ObservedBatch,
  takeBackStandings,
} from './observe-batch.ts';
import type { Snapshot } from './snapshot.ts';

/**
 * Merges what the batch teaches into the store, and reads what follows from the answers. A generator that
 * yields contributions to have them exchanged, and nothing to let the event loop turn.
 */
export function* exchangeBatch(
  batch: ObservedBatch,
  snapshot: Snapshot,
): Generator<readonly Contribution[] | undefined, Exchanged, Exchanged | undefined> {
  if (batch.toExchange.length === 0) return NOTHING_EXCHANGED;
  let { records, degraded } = NOTHING_EXCHANGED;
  let observations = batch.toExchange;
  let contributions = yield* contributionsOf(observations);
  const asked = new Set<string>();
  for (let round = 1; contributions.length > 0; round++) {
    for (let start = 0; start < contributions.length; start += EXCHANGE_KEYS) {
      const isWhole = contributions.length <= EXCHANGE_KEYS;
      const answer = yield isWhole ? contributions : contributions.slice(start, start + EXCHANGE_KEYS);
      if (answer === undefined) throw new Error('contributions are answered by an exchange');
      degraded ||= answer.degraded;
      if (records === NOTHING_EXCHANGED.records) records = answer.records;
      else for (const [key, record] of answer.records) records.set(key, record);
      // A store in memory answers without a turn of the event loop.
      if (!isWhole) yield;
    }
    if (round > MAX_ROUNDS) break;
    if (round === 1) {
      const { observations: answered, reads } = takeBackStandings(batch);
      observations = answered;
      if (reads.length > 0) {
        // Read before anything follows from them: chains begin at the key.
        const answer = yield reads;
        if (answer === undefined) throw new Error('contributions are answered by an exchange');
        for (const [key, record] of answer.records) records.set(key, record);
      }
    }
    contributions = followUps(observations, snapshot.policies, records, asked, round);
  }
  return { records, degraded };
}

/** Keys exchanged at once, each of which stands alone: more of them would keep other requests waiting. */
const EXCHANGE_KEYS = 1024;
/** What an exchange of nothing answers. */
export const NOTHING_EXCHANGED: Exchanged = Object.freeze({ records: new Map(), degraded: false });
