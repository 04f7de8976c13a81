import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { DirectRequest } from '../../src/http/direct-request.ts';
import { RawConnection } from '../contract/raw-http.ts';
import { until } from '../helpers/test-app.ts';

/** Real requests over real sockets: how they arrive is Node's doing. */

const PIECES = ['one ', 'two ', 'three'];
const BODY = PIECES.join('');
const HEAD = `POST / HTTP/1.1\r\nhost: detrails\r\ncontent-length: ${BODY.length}\r\n\r\n`;

/** Says what came. */
const echo = (request: DirectRequest, answer: ServerResponse): void =>
  request.takeBody(BODY.length, Buffer.alloc, (body) => {
    answer.writeHead(200, { 'content-length': body.length }).end(body);
  });

for (const { name, writes } of [
  { name: 'with its head', writes: [HEAD + BODY] },
  { name: 'behind its head', writes: [HEAD, BODY] },
  { name: 'in pieces', writes: [HEAD, ...PIECES] },
  { name: 'byte by byte', writes: [HEAD, ...BODY] },
]) {
  test(`takes a body that comes ${name}`, async (t) => {
    const connection = await serve(t, echo);
    for (const text of writes) {
      await new Promise<void>((resolve) => connection.socket.write(text, () => setImmediate(resolve)));
    }

    assert.equal((await connection.answer()).body.toString(), BODY);
  });
}

test('answers requests that come in one write one after the other', async (t) => {
  const waiting: (() => void)[] = [];
  const connection = await serve(t, (request, answer) => {
    request.takeBody(BODY.length, Buffer.alloc, (body) => {
      const number = String(waiting.length);
      const say = (): void => {
        answer.writeHead(200, { 'content-length': number.length, 'x-body': body.toString() }).end(number);
      };
      waiting.push(say);
      // The last is ready first.
      if (waiting.length === 3) for (const then of waiting.reverse()) then();
    });
  });

  connection.socket.write((HEAD + BODY).repeat(3));

  for (const number of ['0', '1', '2']) {
    const { body, headers } = await connection.answer();
    assert.deepEqual([body.toString(), headers.get('x-body')], [number, BODY]);
  }
});

test('forgets the body of a client that leaves in the middle', async (t) => {
  let taken = 0;
  const answers: ServerResponse[] = [];
  const connection = await serve(t, (request, answer) => {
    answers.push(answer);
    request.takeBody(BODY.length, Buffer.alloc, () => taken++);
  });

  connection.socket.write(HEAD + PIECES[0]);
  await until(async () => answers.length === 1);
  connection.close();
  await until(async () => answers[0]?.destroyed === true);

  assert.equal(taken, 0);
});

test('is a stream like any other until its body is taken', async (t) => {
  const connection = await serve(t, async (request, answer) => {
    const pieces = await request.toArray();
    answer.end(Buffer.concat(pieces));
  });

  connection.socket.write(HEAD + BODY);
  const { body } = await connection.answer();

  assert.equal(body.toString(), BODY);
});

test('ends as a stream for whoever it is handed on to', async (t) => {
  const connection = await serve(t, (request, answer) => {
    request.takeBody(BODY.length, Buffer.alloc, async (body) => {
      request.endStream();
      const rest = await request.toArray();
      answer.end(`${body.toString()} and ${rest.length} pieces`);
    });
  });

  connection.socket.write(HEAD + BODY);
  const { body } = await connection.answer();

  assert.equal(body.toString(), `${BODY} and 0 pieces`);
});

/** A connection to a server of such requests. */
async function serve(
  t: TestContext,
  listener: (request: DirectRequest, answer: ServerResponse) => void,
): Promise<RawConnection> {
  const server = createServer({ IncomingMessage: DirectRequest }, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const connection = await RawConnection.open((server.address() as AddressInfo).port);
  t.after(() => connection.close());
  return connection;
}
