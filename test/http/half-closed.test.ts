import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { ConfiguredStore } from '../../src/store/create-store.ts';
import { createMemoryStore } from '../../src/store/memory-store.ts';
import { listenTestApp } from '../helpers/test-app.ts';
import { useRecord } from '../sessions/records.ts';

test('a client that closed its half behind its request is answered however long the store takes', async (t) => {
  const memory = createMemoryStore({ maxBytes: 1e6, now: () => 1 });
  let answer: (() => void) | undefined;
  const held = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const store: ConfiguredStore = {
    exchange: async (contributions) => {
      await held;
      return memory.exchange(contributions);
    },
    close: memory.close,
    memory,
  };
  const { app, port } = await listenTestApp(t, {}, { store });
  const body = JSON.stringify(useRecord({ key: 'HALF', source: '198.51.100.7' }));
  const ended = new Promise<void>((resolve) => {
    app.server.on('connection', (socket) => socket.on('end', () => resolve()));
  });

  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  await once(socket, 'connect');
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const closed = once(socket, 'end');
  socket.end(
    `POST /v1/enrich HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  await ended;
  await setImmediate();
  assert.equal(text, '', 'the store still holds its answer');
  answer?.();
  await closed;

  assert.match(text, /^HTTP\/1\.1 200 /);
  assert.match(text, /"detrails":\{"schema":"1"/);
});
