import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { JsonFault, JsonScanner } from '../../src/cloudtrail/json-scanner.ts';
import { detrailsSchema, policySchema } from '../../src/enrichment/output.ts';
import { renderAnalysis } from '../../src/enrichment/policy/render-analysis.ts';
import { POLICY_KINDS } from '../../src/iam/analysis.ts';
import { analyzePolicy } from '../../src/iam/analyze-policy.ts';
import { canonicalDocumentHash } from '../../src/iam/document-hash.ts';
import { assertNothingEmpty } from '../fuzz/no-empty.ts';
import { buildTestApp } from '../helpers/test-app.ts';
import { knowledge } from '../iam/knowledge.ts';
import { cloudTrailRecord, envelopesOf, formsOf, policyDocument } from './models.ts';

/** What holds for every record of every identity, in every envelope, and for every policy in every form. */

const batch = fc
  .array(cloudTrailRecord, { minLength: 1, maxLength: 5 })
  .chain((records) => fc.tuple(fc.constant(records), fc.constantFrom(...envelopesOf(records))));

test('no record is lost, moved or changed, and every answer conforms', async (t) => {
  const app = await buildTestApp(t);
  const ask = async (type: string, body: string, output: string): Promise<string> => {
    const answer = await app.inject({
      method: 'POST',
      url: `/v1/enrich?output=${output}&profile=full&explain=true`,
      headers: { 'content-type': type },
      payload: body,
    });
    assert.equal(answer.statusCode, 200);
    return answer.body;
  };

  await fc.assert(
    fc.asyncProperty(batch, async ([records, { type, text }]) => {
      const merged = await ask(type, text, 'merge');
      const listed = await ask(type, text, 'enrichments');

      const back = parseLines(merged, type).map((value) => withoutMembers(value));
      assert.deepEqual(back, parseLines(text, type), 'everything that was sent comes back');
      assert.deepEqual(
        idsIn(merged),
        records.map(({ eventID }) => eventID),
        'in its order',
      );
      const items = parseLines(listed, type).flatMap(
        (value) => (value as { enrichments?: unknown[] }).enrichments ?? [value],
      );
      assert.equal(items.length, records.length, 'an answer for every record');
      for (const item of items) {
        const { explain, ...shown } = detrailsSchema.parse((item as { detrails: unknown }).detrails);
        assert.ok(explain !== undefined, 'explain was asked for');
        assert.equal(shown.error, undefined, 'no enricher failed');
        assertNothingEmpty(shown);
      }
    }),
    { numRuns: 150 },
  );
});

test('merging leaves every byte alone that it did not write', async (t) => {
  const app = await buildTestApp(t);

  await fc.assert(
    fc.asyncProperty(batch, async ([, { type, text }]) => {
      const { body } = await app.inject({
        method: 'POST',
        url: '/v1/enrich',
        headers: { 'content-type': type },
        payload: text,
      });

      assert.equal(withoutWritten(body), text);
    }),
    { numRuns: 100 },
  );
});

test('the scanner accepts and refuses what JSON.parse does, also where a text was cut or changed', () => {
  const edited = fc
    .tuple(batch, fc.nat(), fc.constantFrom('', '"', '\\', '{', ']', ',', '0', '\n', '\u0000', 'é'))
    .map(([[, { text }], at, inserted]) => {
      const place = at % (text.length + 1);
      return inserted === '' ? text.slice(0, place) : text.slice(0, place) + inserted + text.slice(place);
    });

  fc.assert(
    fc.property(edited, (text) => assert.equal(scans(text), parses(text))),
    { numRuns: 500 },
  );
});

test('a policy is analyzed without fault as every kind, and the same in every form', () => {
  fc.assert(
    fc.property(policyDocument, fc.constantFrom(undefined, ...POLICY_KINDS), (document, kind) => {
      const forms = formsOf(document);
      const options = { ...(kind !== undefined && { kind }), accountId: '111122223333' };
      const [first, ...others] = forms.map((form) => analyzePolicy(form, options, knowledge));
      assert.ok(first !== undefined);
      const shown = { status: first.status, kind: first.kind, ...renderAnalysis(first) };
      assertNothingEmpty(JSON.parse(JSON.stringify(shown)));
      policySchema.parse({ ...shown, ...(first.reason !== undefined && { reason: first.reason }) });
      for (const other of others) assert.deepEqual(other.findings, first.findings);
      assert.equal(new Set(forms.map(canonicalDocumentHash)).size, 1);
    }),
    { numRuns: 200 },
  );
});

function parseLines(text: string, type: string): unknown[] {
  return (type === 'application/json' ? [text] : text.split('\n').filter((line) => line !== '')).map(
    (line) => JSON.parse(line) as unknown,
  );
}

/** A copy without the members that merging adds, wherever they are. */
function withoutMembers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMembers);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => key !== 'detrails' && key !== 'threat');
  return Object.fromEntries(kept.map(([key, member]) => [key, withoutMembers(member)]));
}

/** The text without `,"detrails":{…}` and the `threat` behind it: objects ended by the scanner, not by a pattern. */
function withoutWritten(text: string): string {
  const bytes = Buffer.from(text);
  const scanner = new JsonScanner(bytes);
  const parts: Buffer[] = [];
  let from = 0;
  for (let at = bytes.indexOf(',"detrails":'); at !== -1; at = bytes.indexOf(',"detrails":', from)) {
    parts.push(bytes.subarray(from, at));
    from = scanner.skipValue(at + ',"detrails":'.length);
    if (bytes.subarray(from).indexOf(',"threat":') === 0)
      from = scanner.skipValue(from + ',"threat":'.length);
  }
  return Buffer.concat([...parts, bytes.subarray(from)]).toString();
}

function idsIn(text: string): string[] {
  return [...text.matchAll(/"eventID":"(event-\d+)"/g)].map(([, id = '']) => id);
}

function scans(text: string): boolean {
  const bytes = Buffer.from(text);
  const scanner = new JsonScanner(bytes);
  try {
    return scanner.skipSpace(scanner.skipValue(scanner.skipSpace(0))) === bytes.length;
  } catch (fault) {
    if (!(fault instanceof JsonFault)) throw fault;
    return false;
  }
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
