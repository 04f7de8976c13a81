import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';

import { buildApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { readCases } from '../read-cases.ts';
import { manticoreHead, sendAsFilter } from './manticore.ts';
import { type RawAnswer, RawConnection } from './raw-http.ts';
import { assertHolds } from './subset.ts';

type Input = { readonly verb: string; readonly contentType: string; readonly body: string };
type Expected = { readonly status: number; readonly body: unknown };

const RECORD = JSON.stringify({
  eventVersion: '1.11',
  userIdentity: { type: 'IAMUser', accountId: '111122223333', userName: 'alice' },
  eventTime: '2026-03-04T10:20:30Z',
  eventSource: 'iam.amazonaws.com',
  eventName: 'GetUser',
  eventID: '5f3c7e1a-0000-4000-8000-000000000001',
});
const MEGABYTE = 1_000_000;

describe("what Logstash's http filter sends", () => {
  let app: FastifyInstance;
  let port: number;

  before(async () => {
    app = await buildApp(loadConfig({ DETRAILS_PORT: '0' }));
    await app.listen({ host: '127.0.0.1', port: 0 });
    port = (app.server.address() as AddressInfo).port;
  });
  after(() => app.close());

  for (const { name, why, input, expected } of readCases<Input, Expected>('logstash/http-filter.json')) {
    it(`${name}: ${expected.status}`, async () => {
      const answer = await sendAsFilter(port, input);

      assert.equal(answer.status, expected.status, why);
      assertHolds(json(answer), expected.body);
    });
  }

  it('is answered with exactly application/json, the one type that the filter parses', async () => {
    for (const body of [RECORD, `{"Records":[${RECORD}]}`, '{"hello":"world"}']) {
      const answer = await sendAsFilter(port, { body });
      assert.equal(answer.headers.get('content-type')?.split(';')[0], 'application/json');
    }
  });

  it('is never answered with 204 or a redirect, which the filter takes for success or failure', async () => {
    for (const path of [
      '/v1/enrich',
      '/v1/enrich/',
      '/v1//enrich',
      '/v1/enrich?output=enrichments&profile=full',
    ]) {
      const { status } = await sendAsFilter(port, { path, body: RECORD });
      assert.ok(status === 200 || status === 404, `${path}: ${status}`);
    }
  });

  it('sets no cookie, since the filter would send it back for ever', async () => {
    const answer = await sendAsFilter(port, { body: RECORD });
    assert.equal(answer.headers.has('set-cookie'), false);
  });

  it('with preemptive Basic is answered as without, where no authentication is configured', async () => {
    const basic = `Authorization: Basic ${Buffer.from('logstash:secret').toString('base64')}`;
    const answer = await sendAsFilter(port, { body: RECORD, headers: [basic] });
    assert.equal(answer.status, 200);
  });

  it('may be one connection for many requests', async () => {
    const connection = await RawConnection.open(port);
    for (let request = 0; request < 50; request++) {
      const answer = await connection.ask(manticoreHead(port, { body: RECORD }), Buffer.from(RECORD));
      assert.equal(answer.status, 200);
      assert.notEqual(answer.headers.get('connection'), 'close');
    }
    connection.close();
  });

  it('may leave the connection idle for longer than any client of its kind', () => {
    assert.ok(app.server.keepAliveTimeout > 60_000);
  });

  it('may be a body of 8 MB', async () => {
    await expectWholeFile(8 * MEGABYTE);
  });

  it('may be a body of 64 MB', async () => {
    await expectWholeFile(64 * MEGABYTE);
  });

  it('is refused with 413 and a short answer above the limit, and the service goes on', async () => {
    const connection = await RawConnection.open(port);
    const head = manticoreHead(port, { body: '' }).map((line) =>
      line.startsWith('Content-Length') ? `Content-Length: ${80 * MEGABYTE}` : line,
    );
    connection.socket.write(`${head.join('\r\n')}\r\n\r\n`);

    const answer = await connection.answer();
    connection.close();

    assert.equal(answer.status, 413);
    assert.ok(answer.body.length <= 1024);
    assert.equal((await sendAsFilter(port, { body: RECORD })).status, 200);
  });

  it('may end in the middle of a body, as when Logstash is killed, and the service goes on', async () => {
    for (const share of [0, 0.5]) {
      const connection = await RawConnection.open(port);
      connection.socket.write(`${manticoreHead(port, { body: RECORD }).join('\r\n')}\r\n\r\n`);
      connection.socket.write(RECORD.slice(0, RECORD.length * share));
      connection.close();
      await once(connection.socket, 'close');
    }
    assert.equal((await sendAsFilter(port, { body: RECORD })).status, 200);
  });

  it('may end before its answer is read, as at a socket time-out, and the service goes on', async () => {
    const connection = await RawConnection.open(port);
    const body = fileOf(2 * MEGABYTE).body;
    connection.socket.write(`${manticoreHead(port, { body }).join('\r\n')}\r\n\r\n`);
    connection.socket.write(body, () => connection.close());
    await once(connection.socket, 'close');

    assert.equal((await sendAsFilter(port, { body: RECORD })).status, 200);
  });

  it('may be the same event again: the answer is the same', async () => {
    const first = await sendAsFilter(port, { body: RECORD });
    const second = await sendAsFilter(port, { body: RECORD });
    assert.deepEqual(json(first), json(second));
  });

  it('in many connections at once is answered to each its own', async () => {
    const names = ['GetUser', 'ListUsers', 'GetRole', 'ListRoles', 'GetPolicy', 'ListPolicies'];
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, index) => {
        const name = names[index % names.length] ?? '';
        return sendAsFilter(port, { body: RECORD.replace('GetUser', name) });
      }),
    );
    answers.forEach((answer, index) => {
      assertHolds(json(answer), { detrails: { action: { iam: [`iam:${names[index % names.length]}`] } } });
    });
  });

  async function expectWholeFile(bytes: number): Promise<void> {
    const { body, count } = fileOf(bytes);

    const answer = await sendAsFilter(port, { body });

    assert.equal(answer.status, 200);
    const { enrichments } = json(answer) as { enrichments: unknown[] };
    assert.equal(enrichments.length, count);
    for (const item of enrichments) assert.ok((item as { detrails: { action: unknown } }).detrails.action);
  }
});

/** A CloudTrail file of about so many bytes, with records of a real record's size. */
function fileOf(bytes: number): { readonly body: Buffer; readonly count: number } {
  const padding = 'x'.repeat(1_429 - RECORD.length);
  const record = `${RECORD.slice(0, -1)},"additionalEventData":{"note":"${padding}"}}`;
  const count = Math.floor((bytes - 20) / (record.length + 1));
  return {
    body: Buffer.from(`{"Records":[${Array.from({ length: count }, () => record).join(',')}]}`),
    count,
  };
}

function json({ headers, body }: RawAnswer): unknown {
  const text = headers.get('content-encoding') === 'gzip' ? gunzipSync(body) : body;
  return JSON.parse(text.toString('utf8'));
}
