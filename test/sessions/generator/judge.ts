import { KEY_USE_LIMIT } from '../../../src/enrichment/session/record-operations.ts';
import type { Answered } from '../score.ts';
import { isFlagged } from '../score.ts';
import type { PlantedSession } from './plant.ts';

/** Says what of the answers to a generated log is wrong, one sentence per fault. */
export function faultsIn(answered: readonly Answered[], sessions: readonly PlantedSession[]): string[] {
  const byId = new Map<string, Answered[]>();
  for (const answer of answered) {
    const id = answer.event.eventID ?? '';
    const same = byId.get(id);
    if (same === undefined) byId.set(id, [answer]);
    else same.push(answer);
  }
  return sessions.flatMap((session) => faultsOf(session, byId).map((fault) => `${session.label}: ${fault}`));
}

/** The uses from each of `further`, as many of the earliest as are remembered. */
function foreignUses(uses: PlantedSession['uses'], further: ReadonlySet<string>): PlantedSession['uses'] {
  return [...further].flatMap((source) =>
    uses
      .filter((use) => use.source === source)
      .sort((a, b) => a.time - b.time || (a.id < b.id ? -1 : 1))
      .slice(0, KEY_USE_LIMIT),
  );
}

function faultsOf(session: PlantedSession, byId: ReadonlyMap<string, readonly Answered[]>): string[] {
  const { expected, compares, foreign, uses, issueIds } = session;
  const ids = [...issueIds, ...uses.map(({ id }) => id)];
  const answers = ids.flatMap((id) => byId.get(id) ?? []);
  const flagged = answers.filter(({ session: answer }) => isFlagged(answer));
  if (expected === 'quiet') return flagged.length > 0 ? [`${flagged.length} events are reported`] : [];

  const faults: string[] = [];
  const sourceOfId = new Map(uses.map(({ id, source }) => [id, source]));
  const revealing: { id: string; sources: (string | undefined)[]; isReported: boolean }[] = [];
  for (const id of ids) {
    const all = byId.get(id) ?? [];
    const revealed = all.filter(({ session: answer }) => answer?.revealed === true);
    if (revealed.length === 0) continue;
    if (revealed.length !== all.length) faults.push(`${id} reveals in one answer and not in another`);
    const late = revealed[0]?.session?.late?.map(({ source }) => source) ?? [];
    const own = sourceOfId.get(id);
    const isReported = revealed.every(({ session: answer }) => isFlagged(answer));
    revealing.push({ id, sources: own === undefined ? late : [own, ...late], isReported });
  }
  const further = new Set(foreign);
  if (compares === 'with_home') {
    for (const source of further) {
      const count = revealing.filter(({ sources }) => sources.includes(source)).length;
      if (count !== 1) faults.push(`${source} is revealed by ${count} events`);
    }
  } else {
    const seen = new Set(uses.map(({ source }) => source)).size;
    if (revealing.length !== seen - 1) faults.push(`${revealing.length} events reveal ${seen} sources`);
  }
  if (expected === 'revealed') return faults;
  // The workload's own side may be known by its deliveries: that it is the third to come is no alarm.
  const needed = compares === 'with_home' ? revealing.length : 1;
  const reported = revealing.filter((one) => one.isReported).length;
  if (reported < needed) faults.push(`of ${revealing.length} revealing events ${reported} are reported`);
  if (compares === 'with_home') {
    const late = new Set(
      answers.flatMap(({ session: a }) => a?.late ?? []).flatMap((one) => one.event_ids ?? []),
    );
    for (const { id } of foreignUses(uses, further)) {
      if (late.has(id)) continue;
      const own = byId.get(id) ?? [];
      if (!own.some(({ session: a }) => isFlagged(a))) faults.push(`foreign use ${id} is reported nowhere`);
    }
  }
  return faults;
}
