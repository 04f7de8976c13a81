import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { productDocuments } from '../iam/product-documents.ts';
import { useRecord } from '../sessions/records.ts';

/** Clients nobody wants. Each resolves with the status it got, or 0 when it hung up itself. */
export type Hostile = (port: number) => Promise<number>;

let turns = 0;
const POLICIES = [...productDocuments().values()].map((document) => JSON.stringify({ document }));
/** Of a temporary key, so that its answer waits for the shared store. */
const RECORD = JSON.stringify(useRecord({ key: 'SOAK', source: '198.51.100.7' }));
const BOMB = gzipSync(Buffer.alloc(64 * 1024 * 1024, ' '));

/** Hangs up in the middle of a body. */
export const abortsBody: Hostile = async (port) => {
  const socket = await open(port);
  socket.write(head(1_000_000, 'application/json') + RECORD);
  await turn();
  socket.resetAndDestroy();
  return 0;
};

/** Hangs up when the answer begins. */
export const abortsAnswer: Hostile = async (port) => {
  const socket = await open(port);
  const body = `[${Array(500).fill(RECORD).join(',')}]`;
  socket.write(head(body.length, 'application/json') + body);
  await turn();
  socket.resetAndDestroy();
  return 0;
};

/** Closes its own half behind a whole request: the answer still has to come. */
export const halfCloses: Hostile = async (port) => {
  const socket = await open(port);
  socket.end(head(RECORD.length, 'application/json') + RECORD);
  return statusOf(socket);
};

/** Says it sends more than it does, and closes its half. */
export const truncates: Hostile = async (port) => {
  const socket = await open(port);
  socket.end(head(RECORD.length + 100, 'application/json') + RECORD);
  return statusOf(socket);
};

/** 64 MB of spaces in 64 KB of gzip. */
export const bombs: Hostile = async (port) => {
  const socket = await open(port);
  socket.write(head(BOMB.length, 'application/gzip'));
  socket.write(BOMB);
  return statusOf(socket);
};

/** Policies made to take long, whose analysis is asked for. */
export const floodsPolicies: Hostile = async (port) => {
  const socket = await open(port);
  turns += 1;
  const body = POLICIES[turns % POLICIES.length] ?? '';
  socket.write(head(Buffer.byteLength(body), 'application/json', '/v1/policies/analyze') + body);
  return statusOf(socket);
};

/** Bytes that are no HTTP. */
export const babbles: Hostile = async (port) => {
  const socket = await open(port);
  socket.write('\0\u0016\u0003\u0001 no http\r\n\r\n');
  return statusOf(socket);
};

/** A connection that says nothing. */
export async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => undefined);
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
  return socket;
}

function head(length: number, type: string, path = '/v1/enrich'): string {
  return `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: ${type}\r\ncontent-length: ${length}\r\n\r\n`;
}

async function statusOf(socket: Socket): Promise<number> {
  const timer = setTimeout(() => socket.destroy(), 10_000);
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    if (/\r\n\r\n/.test(text)) socket.destroy();
  });
  socket.on('end', () => socket.destroy());
  if (!socket.destroyed) await once(socket, 'close');
  clearTimeout(timer);
  return Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0);
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
