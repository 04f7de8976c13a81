import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byteText } from '../../src/cloudtrail/byte-text.ts';
import { decode, runSlices } from '../../src/cloudtrail/decode.ts';
import type { Decoded, Document, Entry } from '../../src/cloudtrail/decoded.ts';
import { eventFromObject } from '../../src/cloudtrail/event.ts';
import { type Members, MergeWriter } from '../../src/cloudtrail/merge.ts';
import { bodyOf, type DecodeCase, decodeCases, LIMITS, mergedOf } from '../helpers/decode-cases.ts';

for (const one of decodeCases()) {
  test(`decodes ${one.name}`, () => assertDecodes(one));
}

function assertDecodes(one: DecodeCase): void {
  const { input, expected, why } = one;

  const decoded = runSlices(decode(bodyOf(input), input.declared ?? 'never', { ...LIMITS, ...input.limits }));

  if (!decoded.ok) {
    const { code, offset } = decoded;
    assert.deepEqual({ code, ...(offset !== undefined && { offset }) }, expected.fault, why);
    return;
  }
  assert.deepEqual(undefined, expected.fault, why);
  assert.equal(decoded.format, expected.format ?? 'json', why);
  assert.deepEqual(decoded.documents.map(described), expected.documents?.map(withDefaults), why);
  assert.equal(merged(decoded.documents), mergedOf(one), why);
  assertEvents(decoded.documents, expected.events ?? []);
}

function described({ shape, broken, entries }: Document): object {
  return { shape, broken, answers: entries.filter((entry) => entry.answers).map(answer) };
}

function withDefaults(document: object): object {
  return { broken: false, ...document };
}

function answer({ event, error }: Entry): string {
  assert.equal(event === undefined, error !== undefined, 'an entry is an event or an error');
  return event === undefined ? `!${error}` : String(event.eventID);
}

function assertEvents(
  documents: readonly Document[],
  expected: readonly Readonly<Record<string, unknown>>[],
): void {
  const events = documents.flatMap(({ entries }) => entries.flatMap(({ event }) => event ?? []));
  expected.forEach((members, position) => {
    for (const [name, value] of Object.entries(members)) {
      const event = events[position];
      const isProperty = Object.hasOwn(eventFromObject({}), name);
      const seen = isProperty ? event?.[name as 'eventName'] : event?.member(name);
      assert.deepEqual(seen, value ?? undefined, `${name} of event ${position}`);
    }
  });
}

/** The documents with `"@n"` for the members of answer n and `"@code"` for marks that are no answers. */
function merged(documents: readonly Document[]): string {
  let position = 0;
  return documents
    .map((document) => {
      const writer = new MergeWriter(document);
      for (const { place, error, answers } of document.entries) {
        const members: Members = {
          detrails: byteText(JSON.stringify(answers ? `@${position++}` : `@${error}`)),
        };
        if (place !== undefined) writer.add(place, members);
      }
      return writer.finish().toString();
    })
    .join('');
}

/** Runs slices and counts them. */
function sliced(body: Buffer, declared: 'always' | 'maybe' | 'never'): { decoded: Decoded; turns: number } {
  const slices = decode(body, declared, { ...LIMITS, maxRecords: 1e6 });
  for (let turns = 0; ; turns++) {
    const step = slices.next();
    if (step.done === true) return { decoded: step.value, turns };
  }
}

const RECORD = JSON.stringify({
  eventSource: 'ec2.amazonaws.com',
  eventName: 'RunInstances',
  pad: 'x'.repeat(900),
});

for (const [name, declared, body] of [
  ['a log file', 'never', `{"Records":[${Array(4000).fill(RECORD).join(',')}]}`],
  ['an array', 'never', `[${Array(4000).fill(RECORD).join(' ,\n')}]`],
  ['NDJSON', 'always', `${RECORD}\n`.repeat(4000)],
  ['undeclared NDJSON', 'maybe', `${RECORD}\n`.repeat(4000)],
  ['NDJSON of one long line', 'always', `[${Array(4000).fill(RECORD).join(',')}]`],
  [
    'a log file inside a text',
    'never',
    JSON.stringify(`{"Records":[${Array(4000).fill(RECORD).join(',')}]}`),
  ],
] as const) {
  test(`lets the event loop turn while it decodes ${name} of 4 MB`, () => {
    const { decoded, turns } = sliced(Buffer.from(body), declared);

    assert.ok(decoded.ok);
    const entries = decoded.documents.flatMap((document) =>
      document.entries.filter((entry) => entry.answers),
    );
    assert.equal(entries.length, 4000);
    assert.ok(entries.every(({ event }) => event?.eventName === 'RunInstances'));
    assert.ok(turns >= 3 && turns <= 8, `${turns} turns`);
  });
}

test('decodes a small body in one go', () => {
  assert.equal(sliced(Buffer.from(`[${RECORD}]`), 'never').turns, 0);
});

test('finds a fault behind several slices at its own offset', () => {
  const text = `[${Array(4000).fill(RECORD).join(',')}`;

  const { decoded } = sliced(Buffer.from(`${text} x]`), 'never');

  assert.deepEqual(decoded, { ok: false, code: 'invalid_json', offset: text.length + 1 });
});

test('keeps the memory of one batch when a key comes a hundred thousand times', () => {
  const body = Buffer.from(`{${Array(100_000).fill('"Records":[{},{},{}]').join(',')}}`);

  const { decoded } = sliced(body, 'never');

  assert.ok(decoded.ok);
  const [document] = decoded.documents;
  const rows = document?.entries.map(({ place }) => place?.row);
  assert.deepEqual(rows, [1, 2, 3], 'rows of forgotten lists are used again');
});
