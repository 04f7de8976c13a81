import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { byteText } from '../../src/cloudtrail/byte-text.ts';
import { decode, runSlices } from '../../src/cloudtrail/decode.ts';
import type { Document, Place } from '../../src/cloudtrail/decoded.ts';
import { type Members, MergeWriter, mayWriteThreat } from '../../src/cloudtrail/merge.ts';
import { envelopeText, recordText } from '../helpers/arbitrary-json.ts';
import { LIMITS } from '../helpers/decode-cases.ts';
import { readCases } from '../read-cases.ts';
import { sharedPath } from '../shared.ts';

/** {@link Members} as texts. */
type Texts = { readonly detrails: string; readonly threat?: string };
type RecordInput = { readonly record: string; readonly members: Texts };
type RecordExpectation = { readonly record: string; readonly may_write_threat: boolean };

for (const { name, why, input, expected } of readCases<RecordInput, RecordExpectation>(
  'merge/members.json',
)) {
  test(`puts members into ${name}`, () => {
    const document = documentOf(input.record);
    const place = placesOf(document)[0];
    assert.ok(place !== undefined);

    assert.equal(mergeAll(document, input.members), expected.record, why);
    assert.equal(mayWriteThreat(place), expected.may_write_threat, why);
    assert.deepEqual(
      JSON.parse(expected.record).detrails,
      JSON.parse(input.members.detrails),
      'readers see ours',
    );
  });
}

const MARK: Texts = { detrails: '{"schema":"☂"}', threat: '{"framework":"☂"}' };
const MARKED = `"detrails":${MARK.detrails},"threat":${MARK.threat}`;

/** The answer without what was appended: behind a comma, or alone in an object that was empty. */
function withoutMarks(text: string): string {
  return text.replaceAll(`,${MARKED}`, '').replaceAll(MARKED, '');
}

test('appends to envelopes without touching a byte of them', () => {
  fc.assert(
    fc.property(envelopeText, (text) => {
      const document = documentOf(text);

      const merged = mergeAll(document, MARK);

      assert.equal(withoutMarks(merged), text);
      assert.equal(merged.split(MARKED).length - 1, placesOf(document).length);
      assert.doesNotThrow(() => JSON.parse(merged));
    }),
    { numRuns: 1000 },
  );
});

test('appends to lines without touching a byte of them', () => {
  const newline = fc.constantFrom('\n', '\r\n', '\n\n');
  const line = fc.oneof(envelopeText.map(onOneLine), fc.constantFrom('', 'no json', '{"a":', '7'));
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 5 }), newline, (lines, end) => {
      const text = `${lines.join(end)}${end}[]`;
      const decoded = runSlices(decode(Buffer.from(text), 'always', LIMITS));
      assert.ok(decoded.ok);

      const merged = decoded.documents.map((document) => mergeAll(document, MARK)).join('');

      assert.equal(withoutMarks(merged), text);
    }),
  );
});

test('gives a record that came as text back as its own bytes', () => {
  fc.assert(
    fc.property(recordText, fc.boolean(), (record, twice) => {
      const once = JSON.stringify(record);
      const text = `[0, ${twice ? JSON.stringify(once) : once} ,1]`;

      // A text goes through UTF-16, so only what UTF-16 cannot hold could differ.
      assert.equal(withoutMarks(mergeAll(documentOf(text), MARK)), `[0, ${record} ,1]`);
    }),
  );
});

test('replaces what it appended: a second pass gives the same bytes', () => {
  fc.assert(
    fc.property(envelopeText, fc.boolean(), (text, withThreat) => {
      const detrails = `{"schema":"1","attack":{"ecs":${withThreat}}}`;
      const members = withThreat ? { detrails, threat: '{"framework":"x"}' } : { detrails };
      const once = mergeAll(documentOf(text), members);

      assert.equal(mergeAll(documentOf(once), members), once);
    }),
  );
});

test('takes back a threat of its own that is wanted no more', () => {
  fc.assert(
    fc.property(envelopeText, (text) => {
      const detrails = '{"attack":{"ecs":true}}';
      const once = mergeAll(documentOf(text), { detrails, threat: '{"framework":"x"}' });

      assert.equal(mergeAll(documentOf(once), { detrails }), mergeAll(documentOf(text), { detrails }));
    }),
  );
});

test('writes the same in slices as at once', () => {
  fc.assert(
    fc.property(envelopeText, fc.nat(3), (text, every) => {
      const document = documentOf(text);
      const writer = new MergeWriter(document);
      const chunks: Buffer[] = [];

      placesOf(document).forEach((place, position) => {
        writer.add(place, bytesOf(MARK));
        if (position % (every + 1) === 0) chunks.push(writer.flush(), writer.flush());
      });
      chunks.push(writer.finish());

      assert.equal(Buffer.concat(chunks).toString(), mergeAll(document, MARK));
    }),
  );
});

const invictus = sharedPath('corpora/invictus.jsonl');

test('appends to every real record without touching a byte', {
  skip: invictus === undefined && 'shared/ is not here',
}, () => {
  const text = readFileSync(invictus ?? '', 'utf8');
  const lines = text.trimEnd().split('\n');
  const records = `{"Records":[${lines.join(',')}]}`;

  assert.equal(lines.length, 2900);
  for (const line of lines) assert.equal(mergeAll(documentOf(line), MARK), `${line.slice(0, -1)},${MARKED}}`);
  assert.equal(withoutMarks(mergeAll(documentOf(records), MARK)), records);
});

function documentOf(text: string): Document {
  const decoded = runSlices(decode(Buffer.from(text), 'never', { ...LIMITS, maxRecords: 10_000 }));
  assert.ok(decoded.ok, text);
  const [document] = decoded.documents;
  assert.ok(document !== undefined);
  return document;
}

function placesOf(document: Document): Place[] {
  return document.entries.flatMap(({ place }) => place ?? []);
}

function mergeAll(document: Document, members: Texts): string {
  const writer = new MergeWriter(document);
  for (const place of placesOf(document)) writer.add(place, bytesOf(members));
  return writer.finish().toString();
}

function bytesOf({ detrails, threat }: Texts): Members {
  return { detrails: byteText(detrails), threat: threat === undefined ? undefined : byteText(threat) };
}

function onOneLine(text: string): string {
  return text.replaceAll('\n', ' ').replaceAll('\r', ' ');
}
