import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type RawAnswer, RawConnection } from '../contract/raw-http.ts';
import { sampleRecord } from '../helpers/sample-record.ts';
import { listenTestApp } from '../helpers/test-app.ts';
import { projectRoot } from '../shared.ts';

/** Every row of "Bad input" in the README, sent over a real socket. */

type Sent = {
  readonly body: string | Buffer;
  readonly type?: string;
  readonly encoding?: string;
  readonly path?: string;
  readonly method?: string;
  readonly status: number;
  /** In the body of the answer. */
  readonly says: RegExp;
  readonly records?: number;
  readonly errors?: number;
};

const GOOD = sampleRecord();
const DEEP = `{"eventSource":"iam.amazonaws.com","eventName":"GetUser","x":${'['.repeat(30)}${']'.repeat(30)}}`;
const LIMITS = {
  DETRAILS_MAX_BODY_BYTES: '100000',
  DETRAILS_MAX_DECOMPRESSED_BYTES: '200000',
  DETRAILS_MAX_RECORDS: '5',
  DETRAILS_MAX_DEPTH: '20',
  DETRAILS_MAX_ENVELOPE_DEPTH: '3',
};

/** By the first cell of the row. */
const ROWS: Readonly<Record<string, readonly Sent[]>> = {
  'not JSON, truncated JSON, empty body': [
    { body: 'hello', status: 400, says: /"code":"invalid_json".*at byte 0/ },
    { body: '{"Records":[{"a":1}', status: 400, says: /"code":"invalid_json".*at byte 19/ },
    { body: '', status: 400, says: /"code":"empty_body"/ },
  ],
  'valid JSON that holds no record': [
    { body: '{"hello":"world"}', status: 200, says: /"code":"not_a_record"/, records: 0 },
    { body: '[]', status: 200, says: /^\[\]$/, records: 0 },
    { body: '12', status: 200, says: /^12$/, records: 0 },
  ],
  'a record without text `eventSource` and `eventName`': [
    {
      body: `[{"eventName":7,"eventSource":"x"},${GOOD}]`,
      status: 200,
      says: /"invalid_record".*"action":/,
      errors: 1,
    },
  ],
  'a record nested deeper than `DETRAILS_MAX_DEPTH`': [
    { body: `[${DEEP},${GOOD}]`, status: 200, says: /"too_deep".*"action":/, errors: 1 },
  ],
  'digest file, Insights event, CloudTrail Lake custom event': [
    {
      body: '{"awsAccountId":"1","digestStartTime":"t","digestS3Object":"o","logFiles":[]}',
      status: 200,
      says: /"code":"digest_file"/,
    },
    {
      body: '{"eventCategory":"Insight","eventVersion":"1.07","insightDetails":{"state":"Start"}}',
      status: 200,
      says: /"code":"insight_event"/,
    },
    { body: '{"version":"1.0","UID":"u","eventTime":"t"}', status: 200, says: /"code":"custom_event"/ },
  ],
  'an unexpanded `%{[field]}`': [
    {
      body: GOOD.replace('{', '{"sourceIPAddress":"%{[source][ip]}",'),
      status: 200,
      says: /"action":/,
      errors: 0,
    },
  ],
  'a list that Logstash turned into Java text': [
    {
      body: '{"message":"[{eventName=GetUser}, {eventName=PutUser}]"}',
      status: 200,
      says: /"code":"java_text"/,
    },
    { body: '{eventName=GetUser}', status: 400, says: /"code":"java_text"/ },
  ],
  'gzip bomb, too many records, envelopes too deep, body too large': [
    { body: gzipSync(Buffer.alloc(200_001, ' ')), status: 413, says: /DETRAILS_MAX_DECOMPRESSED_BYTES/ },
    { body: `[${Array(6).fill(GOOD).join()}]`, status: 413, says: /DETRAILS_MAX_RECORDS/ },
    { body: `[[[[${GOOD}]]]]`, status: 413, says: /DETRAILS_MAX_ENVELOPE_DEPTH/ },
    { body: ' '.repeat(100_001), status: 413, says: /DETRAILS_MAX_BODY_BYTES/ },
  ],
  'unknown content type or encoding': [
    { body: GOOD, type: 'application/xml', status: 415, says: /"unsupported_media_type".*application\/json/ },
    { body: GOOD, encoding: 'compress', status: 415, says: /"unsupported_encoding".*gzip/ },
  ],
  'a document that cannot be a policy, a file that is no import': [
    {
      path: '/v1/policies/analyze',
      body: '{"document":"no policy"}',
      status: 422,
      says: /"code":"not_a_policy"/,
    },
    { path: '/v1/policies/import', body: '{"hello":"world"}', status: 422, says: /"code":"not_an_import"/ },
  ],
  'a path that is not there; a method that is not answered': [
    { path: '/v2/enrich', body: GOOD, status: 404, says: /"code":"not_found"/ },
    { method: 'DELETE', body: '', status: 405, says: /"code":"method_not_allowed"/ },
  ],
  'an NDJSON line that is no JSON': [
    { type: 'application/x-ndjson', body: `${GOOD}\nhello\n`, status: 200, says: /\}\nhello\n$/, errors: 1 },
    { type: 'application/x-ndjson', body: 'hello\nworld\n', status: 400, says: /"code":"invalid_json"/ },
  ],
};

/** Rows that need more than one request: the test that sends them. */
const ELSEWHERE: Readonly<Record<string, readonly [file: string, title: string]>> = {
  'a key that is missing or wrong; a key without the scope': [
    'http/access/access.test.ts',
    'opens to each scope',
  ],
  'more requests than `DETRAILS_RATE_LIMIT_PER_MINUTE`': [
    'http/access/access.test.ts',
    'limits the requests of each key',
  ],
  'a header larger than `DETRAILS_MAX_HEADER_BYTES`': ['http/limits.test.ts', 'DETRAILS_MAX_HEADER_BYTES'],
  'a request that does not arrive in time': ['http/limits.test.ts', 'DETRAILS_REQUEST_TIMEOUT_MS'],
  'the service is shutting down, or full for `DETRAILS_ADMISSION_WAIT_MS`': [
    'drain.test.ts',
    'refuses, with when to come again',
  ],
  'a defect of ours': ['http/problems.test.ts', 'keeps the words of a defect to itself'],
};

async function send(t: TestContext, port: number, sent: Sent): Promise<RawAnswer> {
  const connection = await RawConnection.open(port);
  t.after(() => connection.close());
  const body = Buffer.from(sent.body);
  const encoding = sent.encoding === undefined ? [] : [`content-encoding: ${sent.encoding}`];
  const head = [
    `${sent.method ?? 'POST'} ${sent.path ?? '/v1/enrich'} HTTP/1.1`,
    'host: detrails',
    `content-type: ${sent.type ?? 'application/json'}`,
    `content-length: ${body.length}`,
    ...encoding,
  ];
  return connection.ask(head, body);
}

for (const [row, requests] of Object.entries(ROWS)) {
  test(`bad input: ${row}`, async (t) => {
    const { port } = await listenTestApp(t, LIMITS);

    for (const sent of requests) {
      const answer = await send(t, port, sent);
      const text = answer.body.toString();
      assert.equal(answer.status, sent.status, text.slice(0, 300));
      assert.match(text, sent.says);
      if (sent.status !== 200) assert.equal(answer.headers.get('content-type'), 'application/problem+json');
      if (sent.records !== undefined)
        assert.equal(answer.headers.get('detrails-records'), String(sent.records));
      if (sent.errors !== undefined) assert.equal(answer.headers.get('detrails-errors'), String(sent.errors));
    }
  });
}

test("every row of the README's table has its test", () => {
  const readme = readFileSync(join(projectRoot(), 'README.md'), 'utf8');
  const table = readme.split('### Bad input')[1]?.split(/\n#/)[0] ?? '';
  const rows = [...table.matchAll(/^\| (?!input|---)(.+?) \| /gm)].map(([, cell]) => cell);

  assert.deepEqual(rows.toSorted(), [...Object.keys(ROWS), ...Object.keys(ELSEWHERE)].toSorted());
  for (const [file, title] of Object.values(ELSEWHERE)) {
    assert.ok(
      readFileSync(join(projectRoot(), 'test', file), 'utf8').includes(`'${title}`),
      `${file}: ${title}`,
    );
  }
});

test('every limit of the configuration has its test', () => {
  const tests = readFileSync(join(projectRoot(), 'test', 'http', 'limits.test.ts'), 'utf8');
  const readme = readFileSync(join(projectRoot(), 'README.md'), 'utf8');
  const limits = [
    ...readme.matchAll(/^\| `(DETRAILS_(?:MAX|ADMISSION)_\w+|DETRAILS_(?:KEEP_ALIVE|\w+_TIMEOUT)_MS)`/gm),
  ];
  const missing = limits.map(([, name]) => name ?? '').filter((name) => !tests.includes(name));

  assert.ok(limits.length >= 13, `${limits.length}`);
  assert.deepEqual(missing, ['DETRAILS_STORE_TIMEOUT_MS'], 'which limits no input');
});
