import assert from 'node:assert/strict';
import type { CloudTrailEvent } from '../../src/cloudtrail/event.ts';
import type { SessionEnrichment } from '../../src/enrichment/output.ts';
import { accessKeyOf, type TruthSession } from './bench-corpus.ts';

export type Answered = { readonly event: CloudTrailEvent; readonly session: SessionEnrichment | undefined };

/** How the answers compare with what was planted. */
export type Score = {
  readonly planted: number;
  readonly reported: number;
  readonly found: number;
  readonly precision: number;
  readonly recall: number;
};

/**
 * Demands what the issue demands of a corpus' answers, in whatever order they were made, and says how many
 * sessions were found. An event answered twice (a repetition) counts once.
 */
export function scoreSessions(answered: readonly Answered[], truth: readonly TruthSession[]): Score {
  const bySession = new Map<string, Map<string, Answered[]>>();
  for (const answer of answered) {
    const key = accessKeyOf(answer.event);
    if (key === undefined) continue;
    const events = bySession.get(key) ?? new Map<string, Answered[]>();
    bySession.set(key, events);
    const id = answer.event.eventID ?? '';
    events.set(id, [...(events.get(id) ?? []), answer]);
  }
  const issues = new Map<string, Answered[]>();
  for (const answer of answered) {
    const id = answer.event.eventID ?? '';
    if (answer.session?.status === 'issued') issues.set(id, [...(issues.get(id) ?? []), answer]);
  }
  let found = 0;
  let reported = 0;
  const known = new Set(truth.map(({ accessKeyId }) => accessKeyId));
  const plantedKeys = new Set<string>();
  for (const session of truth) {
    const events = new Map(bySession.get(session.accessKeyId) ?? []);
    const issue = session.issueEventID === null ? undefined : issues.get(session.issueEventID);
    if (issue !== undefined && session.issueEventID !== null) events.set(session.issueEventID, issue);
    const all = [...events.values()].flat();
    const isReported = all.some(({ session: answer }) => isFlagged(answer));
    if (isReported) reported += 1;
    if (!session.label.startsWith('foreign')) {
      assert.ok(!isReported, `${session.label} ${session.accessKeyId} is reported`);
      continue;
    }
    plantedKeys.add(session.accessKeyId);
    if (isReported) found += 1;
    const revealing = [...events].filter(([, answers]) =>
      answers.some(({ session: s }) => s?.revealed === true),
    );
    assert.equal(revealing.length, 1, `${session.label} ${session.accessKeyId} reveals once`);
    for (const [, answers] of revealing) {
      const flags = new Set(answers.map(({ session: s }) => s?.revealed === true));
      assert.equal(flags.size, 1, 'a repeated event gets the same answer');
      assert.ok(
        answers.every(({ session: s }) => isFlagged(s)),
        'the revealing event is reported',
      );
    }
    if (session.kind === 'human') assertForeignUsesReported(session, events);
  }
  // Sessions that nobody planted anything in; an issuing event speaks of the key it hands out, not of its own.
  for (const [key, events] of bySession) {
    if (known.has(key)) continue;
    const own = [...events.values()].flat().filter(({ session: answer }) => answer?.status !== 'issued');
    if (own.some(({ session: answer }) => isFlagged(answer))) reported += 1;
  }
  const planted = plantedKeys.size;
  return {
    planted,
    reported,
    found,
    precision: reported === 0 ? 1 : found / reported,
    recall: planted === 0 ? 1 : found / planted,
  };
}

/** What counts as reported. */
export function isFlagged(session: SessionEnrichment | undefined): boolean {
  if (session?.verdict !== 'different_source' && session?.verdict !== 'multiple_sources') return false;
  return session.fidelity === 'medium' || session.fidelity === 'high';
}

function assertForeignUsesReported(session: TruthSession, events: ReadonlyMap<string, Answered[]>): void {
  const late = [...events.values()].flat().flatMap(({ session: answer }) => answer?.late ?? []);
  for (const use of session.uses) {
    if (use.ip !== session.foreignIP) continue;
    const itself = events.get(use.eventID)?.some(({ session: answer }) => isFlagged(answer)) === true;
    const inLate = late.some(
      (entry) => entry.source === use.ip && entry.event_ids?.includes(use.eventID) === true,
    );
    assert.ok(itself || inLate, `${session.accessKeyId} ${use.eventID} is reported on itself or late`);
  }
}
