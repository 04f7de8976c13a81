import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { buildTestApp } from '../helpers/test-app.ts';
import { sharedPath } from '../shared.ts';

/** On real batches: what a record is told does not depend on what it came in, nor on who came with it. */

const bench = sharedPath('corpora/bench/AWSLogs');
const skip = bench === undefined && 'shared/ is not here';

type Item = { readonly detrails: Readonly<Record<string, unknown>>; readonly threat?: unknown };

type Envelope = {
  readonly name: string;
  readonly type?: string;
  readonly wrap: (records: readonly string[]) => string;
  /** The objects of the merged answer that the members were appended to; absent where merge is impossible. */
  readonly merged?: (body: string) => readonly unknown[];
};

const text = (value: string): string => JSON.stringify(value);
const parsed = (body: string): Record<string, readonly unknown[]> => JSON.parse(body);
const elements = (body: string): readonly unknown[] => JSON.parse(body) as unknown[];
const lines = (body: string): readonly unknown[] =>
  body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
const logFile = (records: readonly string[]): string => `{"Records":[${records.join(',')}]}`;
const eachIn = (before: string, after: string) => (records: readonly string[]) =>
  `[${records.map((record) => `${before}${record}${after}`).join(',')}]`;
const eachTextIn = (before: string, after: string) => (records: readonly string[]) =>
  eachIn(before, after)(records.map(text));

const NDJSON = 'application/x-ndjson';

const ENVELOPES: readonly Envelope[] = [
  { name: 'a log file', wrap: logFile, merged: (body) => parsed(body)['Records'] ?? [] },
  { name: 'an array', wrap: eachIn('', ''), merged: elements },
  {
    name: 'arrays in an array',
    wrap: (records) => `[[${records.join(',')}],[]]`,
    merged: (body) => elements(body).flat(),
  },
  { name: 'NDJSON', type: NDJSON, wrap: (records) => records.join('\n'), merged: lines },
  {
    name: 'NDJSON with CRLF',
    type: 'text/plain',
    wrap: (records) => `${records.join('\r\n')}\r\n`,
    merged: lines,
  },
  {
    name: 'EventBridge',
    wrap: eachIn('{"detail-type":"AWS API Call via CloudTrail","detail":', '}'),
    merged: elements,
  },
  {
    name: 'CloudWatch Logs',
    wrap: (records) =>
      `{"messageType":"DATA_MESSAGE","logEvents":${eachTextIn('{"id":"1","message":', '}')(records)}}`,
    merged: (body) => parsed(body)['logEvents'] ?? [],
  },
  { name: 'SNS', wrap: eachTextIn('{"Type":"Notification","Message":', '}'), merged: elements },
  {
    name: "SQS in Lambda's event",
    wrap: (records) => `{"Records":${eachTextIn('{"eventSource":"aws:sqs","body":', '}')(records)}}`,
    merged: (body) => parsed(body)['Records'] ?? [],
  },
  { name: 'SNS around a log file', wrap: (records) => `{"Message":${text(logFile(records))}}` },
  {
    name: 'SNS around a log file in SQS',
    wrap: (records) => `{"body":${text(`{"Message":${text(logFile(records))}}`)}}`,
  },
  {
    name: "an agent's message",
    type: NDJSON,
    wrap: (records) => records.map((record) => `{"@timestamp":"x","message":${text(record)}}`).join('\n'),
    merged: lines,
  },
  { name: 'event.original', wrap: eachTextIn('{"event":{"original":', '}}'), merged: elements },
  { name: 'aws.cloudtrail', wrap: eachIn('{"aws":{"cloudtrail":', '}}'), merged: elements },
  { name: '[cloudtrail]', wrap: eachIn('{"cloudtrail":', '}'), merged: elements },
  { name: 'texts', wrap: eachTextIn('', ''), merged: elements },
  { name: 'texts of texts', wrap: (records) => eachTextIn('', '')(records.map(text)), merged: elements },
];

/** Records of the largest log files, as the bytes they have there. */
function realBatch(): string[] {
  const files = (readdirSync(bench ?? '', { recursive: true }) as string[])
    .filter((name) => name.endsWith('.json.gz'))
    .map((name) => join(bench ?? '', name))
    .sort((a, b) => statSync(b).size - statSync(a).size || (a < b ? -1 : 1))
    .slice(0, 4);
  return files.flatMap((file) => {
    const { Records } = JSON.parse(gunzipSync(readFileSync(file)).toString()) as { Records: object[] };
    return Records.map((record) => JSON.stringify(record));
  });
}

/** Enriches with a service that has seen nothing before. */
async function enrich(
  t: TestContext,
  payload: string,
  output: string,
  type = 'application/json',
): Promise<string> {
  const app = await buildTestApp(t);
  const answer = await app.inject({
    method: 'POST',
    url: `/v1/enrich?output=${output}&profile=full`,
    headers: { 'content-type': type },
    payload,
  });
  assert.equal(answer.statusCode, 200, answer.body.slice(0, 300));
  await app.close();
  return answer.body;
}

function itemsOf(body: string): Item[] {
  return body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Item & { enrichments?: Item[] })
    .flatMap((one) => one.enrichments ?? [one]);
}

test('enriches a batch the same whatever it comes in', { skip }, async (t) => {
  const records = realBatch();
  const expected = itemsOf(await enrich(t, logFile(records), 'enrichments'));
  assert.equal(expected.length, records.length);
  assert.ok(records.length > 100 && expected.every(({ detrails }) => detrails['action'] !== undefined));

  for (const { name, type, wrap, merged } of ENVELOPES) {
    await t.test(name, async (inner) => {
      const body = wrap(records);

      const items = itemsOf(await enrich(inner, body, 'enrichments', type));
      const answer = await enrich(inner, body, 'merge', type);

      assert.deepEqual(items, expected);
      if (merged === undefined) {
        assert.match(answer, /"code":"merge_impossible"/);
        assert.ok(answer.startsWith(body.slice(0, -1)), 'the envelope is unchanged');
      } else {
        assert.deepEqual(merged(answer).map(membersOf), expected);
      }
    });
  }
});

function membersOf(value: unknown): Item {
  const { detrails, threat } = value as Item;
  return { detrails, ...(threat !== undefined && { threat }) };
}

/** Sections that other records have no say in. */
function ownSections({ detrails }: Item): unknown[] {
  return ['action', 'attack', 'tool', 'context', 'error'].map((name) => detrails[name]);
}

test('enriches a record the same whoever comes with it', { skip }, async (t) => {
  const records = realBatch();
  const together = itemsOf(await enrich(t, logFile(records), 'enrichments'));
  const backwards = itemsOf(await enrich(t, logFile([...records].reverse()), 'enrichments')).reverse();

  assert.deepEqual(backwards.map(ownSections), together.map(ownSections));

  const app = await buildTestApp(t);
  for (let n = 0; n < records.length; n += 7) {
    const alone = await app.inject({
      method: 'POST',
      url: '/v1/enrich?output=enrichments&profile=full',
      headers: { 'content-type': 'text/plain' },
      payload: records[n] ?? '',
    });
    assert.deepEqual(
      ownSections(alone.json<Item>()),
      ownSections(together[n] ?? { detrails: {} }),
      `record ${n}`,
    );
  }
});

test('enriches an enriched file to the same bytes', { skip }, async (t) => {
  const records = realBatch();
  const app = await buildTestApp(t);
  const pass = async (payload: string): Promise<string> => {
    const headers = { 'content-type': 'application/json' };
    return (await app.inject({ method: 'POST', url: '/v1/enrich', headers, payload })).body;
  };

  const once = await pass(logFile(records));
  const twice = await pass(once);

  assert.ok(twice === once, 'a replay changes no byte');
});

const invictus = sharedPath('corpora/invictus.jsonl');

test('gives every real record back byte for byte, with members behind', {
  skip: invictus === undefined && 'shared/ is not here',
}, async (t) => {
  const sent = readFileSync(invictus ?? '', 'utf8');

  const answer = await enrich(t, sent, 'merge', NDJSON);

  const received = answer.split('\n');
  for (const [n, line] of sent.split('\n').entries()) {
    if (line === '') continue;
    const kept = `${line.slice(0, -1)},`;
    assert.ok(received[n]?.startsWith(`${kept}"detrails":`), `line ${n}`);
    const members = Object.keys(JSON.parse(`{${received[n]?.slice(kept.length)}`) as object);
    assert.ok(
      members.every((name) => name === 'detrails' || name === 'threat'),
      `line ${n}: ${members}`,
    );
  }
});
