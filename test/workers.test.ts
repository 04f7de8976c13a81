import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { extname } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { backOff } from '../src/workers.ts';
import { sampleRecord } from './helpers/sample-record.ts';

/** Real processes, real sockets; whatever is waited for is polled with a deadline. */

const MAIN = fileURLToPath(new URL(`../src/main${extname(import.meta.url)}`, import.meta.url));
const DEADLINE_MS = 30_000;
const TWO = { DETRAILS_WORKERS: '2', DETRAILS_WORKERS_ALLOW_MEMORY: 'true' };

type Group = {
  readonly process: ChildProcess;
  readonly port: number;
  readonly log: () => string;
  /** Workers that listen or did, in the order of their appearance. */
  readonly workers: () => readonly number[];
};

test('serves one port with two workers and adds up what they counted', async (t) => {
  const group = await startGroup(t);

  for (let n = 0; n < 10; n++) {
    // A connection each, so that the primary hands them out in turn.
    const { status } = await exchange(await open(group.port), sampleRecord(n));
    assert.equal(status, 200);
  }

  for (let scrape = 0; scrape < 4; scrape++) {
    const text = await metricsOf(group);
    assert.match(text, /^detrails_records_total\{result="ok"\} 10$/m);
    assert.match(text, /^detrails_build_info\{[^}]+\} 1$/m);
  }
});

test('loses no accepted request of the others when a worker is killed, and replaces it', {
  skip: process.platform !== 'linux' && 'which worker has a connection is read from /proc',
}, async (t) => {
  const group = await startGroup(t);
  const body = sampleRecord();
  const sockets = await Promise.all(Array.from({ length: 8 }, () => open(group.port)));
  const answers = sockets.map((socket) => answerOf(socket));
  for (const socket of sockets) socket.write(headOf(body) + body.slice(0, 10));
  const [victim = 0, other = 0] = group.workers();
  await until(async () => ownedBy(victim, sockets).length + ownedBy(other, sockets).length === 8);
  const theirs = ownedBy(other, sockets);
  assert.ok(theirs.length > 0 && theirs.length < 8, `${theirs.length} of 8 are the other's`);

  process.kill(victim, 'SIGKILL');
  await until(async () => sockets.filter((socket) => socket.closed).length === 8 - theirs.length);
  for (const socket of theirs) socket.write(body.slice(10));

  const outcomes = await Promise.all(answers);
  for (const [index, { status, text }] of outcomes.entries()) {
    const isTheirs = theirs.some((socket) => socket === sockets[index]);
    assert.equal(status, isTheirs ? 200 : undefined);
    if (isTheirs) assert.match(text, /"detrails":\{"schema":"1"/);
  }
  await until(async () => group.workers().length === 3);
  assert.match(group.log(), /worker ended, replacing it/);
  for (let n = 0; n < 6; n++) {
    assert.equal((await exchange(await open(group.port), body)).status, 200);
  }
});

test('keeps in its sums what a worker counted before it ended', async (t) => {
  const group = await startGroup(t);
  for (let n = 0; n < 8; n++) await exchange(await open(group.port), sampleRecord(n));
  assert.match(await metricsOf(group), /^detrails_records_total\{result="ok"\} 8$/m);

  process.kill(group.workers()[0] ?? 0, 'SIGKILL');
  await until(async () => group.workers().length === 3);

  assert.match(await metricsOf(group), /^detrails_records_total\{result="ok"\} 8$/m);
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  test(`finishes what is in work in every worker after ${signal}, then ends`, async (t) => {
    const group = await startGroup(t);
    const body = sampleRecord();
    const sockets = await Promise.all(Array.from({ length: 4 }, () => open(group.port)));
    const answers = sockets.map((socket) => answerOf(socket));
    for (const socket of sockets) socket.write(headOf(body) + body.slice(0, 10));
    await until(async () => /^detrails_http_requests_in_flight [45]$/m.test(await metricsOf(group)));
    const workers = group.workers();

    const exited = once(group.process, 'exit');
    group.process.kill(signal);
    await until(async () => /draining all workers/.test(group.log()));
    for (const socket of sockets) socket.write(body.slice(10));

    for (const { status } of await Promise.all(answers)) assert.equal(status, 200);
    assert.deepEqual(await exited, [0, null]);
    for (const pid of workers) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
  });
}

test('refuses several workers without a shared store', async (t) => {
  const child = launch(t, { DETRAILS_WORKERS: '2' });
  let text = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });

  const [code] = (await once(child, 'close')) as [number];

  assert.equal(code, 1);
  assert.match(text, /DETRAILS_WORKERS=2 needs DETRAILS_STORE_URL/);
});

test('gives up when no worker can start, rather than trying for ever', async (t) => {
  const group = await startGroup(t);
  const child = launch(t, { ...TWO, DETRAILS_PORT: String(group.port) });

  const [code] = (await once(child, 'close')) as [number];

  assert.equal(code, 1);
});

test('backs off from crashes in a row, within a bound', () => {
  const delays = [0, 1, 2, 3, 4, 20, 2000].map(backOff);

  assert.deepEqual(delays, [100, 100, 200, 400, 800, 10_000, 10_000]);
});

function launch(t: TestContext, environment: Readonly<Record<string, string>>): ChildProcess {
  const child = spawn(process.execPath, [MAIN], {
    env: { PATH: process.env['PATH'], DETRAILS_PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // Workers end by themselves when their primary is gone.
  t.after(() => child.kill('SIGKILL'));
  return child;
}

async function startGroup(t: TestContext): Promise<Group> {
  const child = launch(t, TWO);
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      log += chunk.toString();
    });
  }
  const listening = () => [...log.matchAll(/"worker":(\d+),"address":"[^"]+","port":(\d+)/g)];
  await until(async () => listening().length === 2 || child.exitCode !== null);
  assert.equal(child.exitCode, null, log);
  return {
    process: child,
    port: Number(listening()[0]?.[2]),
    log: () => log,
    workers: () => listening().map((match) => Number(match[1])),
  };
}

/** The connections whose other end this process holds. */
function ownedBy(pid: number, sockets: readonly Socket[]): readonly Socket[] {
  const inodes = new Map<string, string>();
  for (const line of readFileSync('/proc/net/tcp', 'utf8').split('\n')) {
    const columns = line.trim().split(/\s+/);
    // By both ports: a connection of somebody else's that has ended may still be listed under one of them.
    const [local, remote] = [columns[1], columns[2]].map((end) =>
      Number.parseInt(end?.split(':')[1] ?? '', 16),
    );
    inodes.set(`${local} ${remote}`, columns[9] ?? '');
  }
  const held = new Set<string>();
  for (const descriptor of readdirSync(`/proc/${pid}/fd`)) {
    try {
      held.add(readlinkSync(`/proc/${pid}/fd/${descriptor}`));
    } catch {
      // Closed since the folder was read.
    }
  }
  return sockets.filter(({ localPort, remotePort }) =>
    held.has(`socket:[${inodes.get(`${remotePort} ${localPort}`)}]`),
  );
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

function headOf(body: string): string {
  return `POST /v1/enrich HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
}

function exchange(socket: Socket, body: string) {
  socket.write(headOf(body) + body);
  return answerOf(socket);
}

/** All that a connection says until it ends; no status when it ends without an answer. */
async function answerOf(
  socket: Socket,
): Promise<{ readonly status: number | undefined; readonly text: string }> {
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  // A killed process that had not read everything resets the connection; `once` of events would reject.
  await new Promise((resolve) => socket.once('close', resolve));
  const status = /^HTTP\/1\.1 (\d+)/.exec(text)?.[1];
  return { status: status === undefined ? undefined : Number(status), text };
}

async function metricsOf({ port }: Group): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { connection: 'close' } });
  assert.equal(answer.status, 200);
  return answer.text();
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!(await condition())) {
    assert.ok(performance.now() < deadline, 'in vain');
    await pause(20);
  }
}
