import type { PolicyEnrichment } from '../output.ts';
import { defaultAt, documentAt, type LifeHistory } from './life-history.ts';
import type { UnansweredEntry } from './life-record.ts';
import type { PolicySubject } from './subject.ts';

type Late = NonNullable<PolicyEnrichment['late']>;

/**
 * The activations that had to say `unknown` and are answered by `subject`'s event: it brought the
 * document they activated, or made the version the default that they attached.
 */
export function lateActivations(subject: PolicySubject, history: LifeHistory): Late | undefined {
  const { eventId } = subject;
  const late: Late = [];
  for (const entry of history.unanswered) {
    const version = answeredVersion(entry, eventId, history);
    if (version !== undefined) late.push(renderLate(entry, version));
  }
  return late.length === 0 ? undefined : late;
}

/** The version `entry` activated, if its answer rests on the event `eventId`. */
function answeredVersion(entry: UnansweredEntry, eventId: string, history: LifeHistory): string | undefined {
  let version = entry.version;
  let restsOnDefault = false;
  if (version === '-') {
    const found = defaultAt(history, entry.time);
    if ('gap' in found) return undefined;
    version = found.entry.version;
    restsOnDefault = found.entry.eventId === eventId;
  }
  const found = documentAt(history, version, entry.time);
  if ('gap' in found) return undefined;
  return restsOnDefault || found.entry.eventId === eventId ? version : undefined;
}

function renderLate(entry: UnansweredEntry, version: string): Late[number] {
  return {
    event_id: entry.eventId,
    time: entry.time,
    operation: entry.operation,
    ...(entry.attachedTo !== '-' && { attached_to: entry.attachedTo }),
    ...(!version.startsWith('?') && { version }),
  };
}
