import assert from 'node:assert/strict';
import { byteText } from '../../../src/cloudtrail/byte-text.ts';
import { decode, runSlices } from '../../../src/cloudtrail/decode.ts';
import type { Decoded, DecodeLimits, Document } from '../../../src/cloudtrail/decoded.ts';
import { MEMBERS } from '../../../src/cloudtrail/member-names.ts';
import { type Members, MergeWriter, mayWriteThreat } from '../../../src/cloudtrail/merge.ts';
import { bodyOf, decodeCases } from '../../helpers/decode-cases.ts';
import type { Target } from '../target.ts';

const LIMITS: DecodeLimits = { maxRecords: 200, maxDepth: 40, maxEnvelopeDepth: 8 };
const DETRAILS = '{"schema":"☂","attack":{"ecs":true}}';
const THREAT = '{"framework":"☂"}';
const MARK: Members = { detrails: byteText(DETRAILS), threat: byteText(THREAT) };
const MARKED = `"detrails":${DETRAILS},"threat":${THREAT}`;
const OWN_MEMBERS = /"(?:[^"\\]|\\.)*(?:detrails|threat|\\u)|☂/;

/** Decode and merge over arbitrary bodies, in all three readings of lines. */
export const decodeTarget: Target = {
  name: 'decode',
  promise: 'never throws, refuses only what is no JSON, never loses, reorders or touches a record',
  seeds: decodeCases()
    .map(({ input }) => bodyOf(input).toString())
    .filter((text) => text.length < 2000),
  words: [
    ...MEMBERS,
    'aws:s3',
    'aws:sqs',
    'CONTROL_MESSAGE',
    'DATA_MESSAGE',
    'Insight',
    '{eventID=1}',
    'ecs',
    'attack',
  ],
  run: (input) => {
    const features: string[] = [];
    const isJson = parses(withoutByteOrderMark(input));
    for (const lines of ['never', 'maybe', 'always'] as const) {
      const decoded = runSlices(decode(input, lines, LIMITS));
      assert.deepEqual(
        summary(decoded),
        summary(runSlices(decode(Buffer.from(input), lines, LIMITS))),
        'twice',
      );
      features.push(`${lines} ${JSON.stringify(summary(decoded)).slice(0, 120)}`);
      if (!decoded.ok) {
        const isLimit = decoded.code === 'too_deep' || decoded.code === 'too_many_records';
        if (lines === 'never') assert.ok(isLimit || !isJson, `${decoded.code} for what JSON.parse accepts`);
        if (decoded.offset !== undefined)
          assert.ok(decoded.offset >= 0 && decoded.offset <= input.length, 'a fault lies inside the input');
        continue;
      }
      if (lines === 'never') assert.ok(isJson, 'accepted what JSON.parse refuses');
      const sent = Buffer.concat(decoded.documents.map(({ bytes }) => bytes));
      assert.ok(sent.equals(withoutByteOrderMark(input)), 'the documents are the input');
      for (const document of decoded.documents) checkDocument(document);
    }
    return features;
  },
};

function checkDocument(document: Document): void {
  const { bytes, entries, broken } = document;
  const places = entries.flatMap(({ place }) => place ?? []);
  const starts = places.map(({ index, row, text }) => text?.start ?? index.start(row));
  assert.ok(
    starts.every((start, i) => i === 0 || start > (starts[i - 1] as number)),
    'records keep their order',
  );
  for (const { event, error } of entries) {
    assert.equal(event === undefined, error !== undefined, 'an entry is an event or an error');
    // Reading makes an identity known: the next mutation of this input meets it again.
    if (event !== undefined) assert.equal(event.caller === undefined, event.userIdentity === undefined);
  }
  if (document.shape === 'single')
    assert.ok(entries.filter(({ answers }) => answers).length <= 1, 'a single record has one answer');

  const merged = merge(document);
  if (broken) {
    assert.ok(merged.equals(bytes), 'a broken line comes back as it came');
    return;
  }
  assert.ok(parses(merged), 'merged output is JSON');
  const hasTexts = places.some(({ text }) => text !== undefined);
  if (hasTexts || OWN_MEMBERS.test(bytes.toString('latin1')) || bytes.includes('☂')) return;
  const text = merged.toString('latin1');
  const mark = Buffer.from(MARKED).toString('latin1');
  assert.equal(text.split(mark).length - 1, places.length, 'one mark per place');
  assert.equal(
    text.replaceAll(`,${mark}`, '').replaceAll(mark, ''),
    bytes.toString('latin1'),
    'bytes survive',
  );

  const again = runSlices(decode(merged, 'never', LIMITS));
  if (!again.ok) return;
  assert.deepEqual(
    again.documents[0]?.entries.map(answerOf),
    entries.map(answerOf),
    'a second pass sees the same',
  );
  const [second] = again.documents;
  assert.ok(second !== undefined && merge(second).equals(merged), 'a second pass writes the same');
}

function merge(document: Document): Buffer {
  const writer = new MergeWriter(document);
  const chunks: Buffer[] = [];
  for (const { place } of document.entries) {
    if (place === undefined) continue;
    writer.add(place, mayWriteThreat(place) ? MARK : { detrails: MARK.detrails });
    chunks.push(writer.flush());
  }
  chunks.push(writer.finish());
  return Buffer.concat(chunks);
}

function summary(decoded: Decoded): unknown {
  if (!decoded.ok) return decoded;
  return decoded.documents.map(({ shape, broken, entries }) => [shape, broken, ...entries.map(answerOf)]);
}

function answerOf({ event, error, answers }: Document['entries'][number]): string {
  return event === undefined
    ? `${answers ? '' : 'mark '}${error}`
    : `${event.eventSource}/${event.eventName}`;
}

function withoutByteOrderMark(body: Buffer): Buffer {
  return body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? body.subarray(3) : body;
}

function parses(bytes: Buffer): boolean {
  try {
    // A byte order mark is no white space to JSON.parse, and `toString` keeps it.
    JSON.parse(bytes.toString());
    return true;
  } catch {
    return false;
  }
}
