import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type CloudTrailEvent, eventFromObject } from '../../src/cloudtrail/event.ts';
import { readString } from '../../src/cloudtrail/json.ts';
import type { SessionEnrichment } from '../../src/enrichment/output.ts';
import { createMemoryStore } from '../../src/store/memory-store.ts';
import { sharedPath } from '../shared.ts';
import { enrichBatch } from './mini-pipeline.ts';
import { isFlagged } from './score.ts';
import { shuffled } from './shuffle.ts';

/**
 * A real capture of an emulated attack. An instance's credentials were stolen (issued at line 155, used at
 * lines 174 and 176 from elsewhere); its own second key (line 525) and another instance (lines 664, 1000)
 * are benign.
 */

const path = sharedPath('corpora/invictus.jsonl');
const skip = path === undefined && 'shared/corpora/invictus.jsonl is not here';
const lines =
  path === undefined
    ? []
    : readFileSync(path, 'utf8')
        .split('\n')
        .filter((line) => line !== '');
const events = lines.map((line) => eventFromObject(JSON.parse(line)));

const STOLEN_USES = [174, 176];
const BENIGN = [155, 525, 664, 1000];
const OWN_ADDRESS = '3.225.16.109';
const STOLEN_SESSION = 'i-0dbc91f429e48eeed';

const ORDERS: readonly { readonly name: string; readonly batches: () => CloudTrailEvent[][] }[] = [
  { name: 'in one batch', batches: () => [events] },
  { name: 'one by one in the order of the files', batches: () => events.map((event) => [event]) },
  { name: 'one by one, reversed', batches: () => [...events].reverse().map((event) => [event]) },
  { name: 'one by one, shuffled', batches: () => shuffled(events, 5).map((event) => [event]) },
  { name: 'one by one, twice', batches: () => [...events, ...events].map((event) => [event]) },
];

for (const { name, batches } of ORDERS) {
  test(`tells the stolen instance credentials from the instance's own: ${name}`, { skip }, async () => {
    const answers = await answersOf(batches());

    const at = (line: number): SessionEnrichment | undefined => answers.get(events[line - 1]?.eventID ?? '');
    for (const line of STOLEN_USES) {
      const id = events[line - 1]?.eventID ?? '';
      assert.ok(isFlagged(at(line)) || lateUses(answers).includes(id), `line ${line} is reported`);
    }
    for (const line of BENIGN) assert.ok(!isFlagged(at(line)), `line ${line} is not reported`);
    const revealing = events.filter((event) => answers.get(event.eventID ?? '')?.revealed === true);
    assert.equal(revealing.length, 1);
    assert.ok(revealing.every((event) => sessionOf(event) === STOLEN_SESSION));
    const flagged = events.filter((event) => isFlagged(answers.get(event.eventID ?? '')));
    assert.ok(
      flagged.every((event) => STOLEN_USES.includes(events.indexOf(event) + 1) || revealing.includes(event)),
    );
  });
}

test("once both sides are known, only the thief's uses are suspicious", { skip }, async () => {
  const answers = await answersOf([events]);

  for (const event of events.filter((candidate) => sessionOf(candidate) === STOLEN_SESSION)) {
    const session = answers.get(event.eventID ?? '');
    assert.equal(session?.verdict, 'multiple_sources');
    assert.equal(session?.fidelity, event.sourceIPAddress === OWN_ADDRESS ? 'low' : 'high');
  }
});

test('links every use whose issue is in the capture, in whatever order', { skip }, async () => {
  const answers = await answersOf([shuffled(events, 6)]);

  const uses = events.filter(
    (event) =>
      readString(event.userIdentity, 'type') === 'AssumedRole' &&
      readString(event.userIdentity, 'invokedBy') === undefined,
  );
  const linked = uses.filter((event) => answers.get(event.eventID ?? '')?.status === 'linked');
  assert.equal(uses.length, 70);
  assert.equal(linked.length, 70);
});

/** The first answer that each event got; an event that is repeated must get the same `revealed` again. */
async function answersOf(batches: readonly CloudTrailEvent[][]): Promise<Map<string, SessionEnrichment>> {
  const store = createMemoryStore({ maxBytes: 64e6, now: () => 0 });
  const known = new Map<string, SessionEnrichment>();
  for (const batch of batches) {
    const { answers } = await enrichBatch(store, batch);
    batch.forEach((event, index) => {
      const answer = answers[index];
      if (answer === undefined) return;
      const before = known.get(event.eventID ?? '');
      if (before !== undefined) assert.equal(answer.revealed, before.revealed);
      else known.set(event.eventID ?? '', answer);
    });
  }
  return known;
}

function lateUses(answers: ReadonlyMap<string, SessionEnrichment>): string[] {
  return [...answers.values()].flatMap(({ late }) => late ?? []).flatMap(({ event_ids }) => event_ids ?? []);
}

function sessionOf(event: CloudTrailEvent): string | undefined {
  return readString(event.userIdentity, 'principalId')?.split(':')[1];
}
