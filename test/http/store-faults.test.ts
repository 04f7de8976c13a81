import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import { type TestContext, test } from 'node:test';
import type { Detrails } from '../../src/enrichment/output.ts';
import { listenTestApp } from '../helpers/test-app.ts';
import { issueRecord, useRecord } from '../sessions/records.ts';
import { skipWithoutServer, startServer, type TestServer, until } from '../store/redis-server.ts';
import { type SlowProxy, startSlowProxy } from '../store/slow-proxy.ts';
import { storeFaults } from '../store/store-faults.ts';

/**
 * The whole service over real sockets, two replicas on one real server, under load, while the shared store
 * is in trouble: what a client sees of each fault. `test/store/faults.test.ts` looks closer, at exchanges.
 */

const skip = skipWithoutServer();
const TIMEOUT_MS = 250;
/** A request waits for its own exchange and for three rounds of a chain's ancestors, no more. */
const EXCHANGES_PER_REQUEST = 4;
/** What the process itself may take, both replicas and all clients in one, on a machine with other work. */
const OWN_WORK_MS = 1500;
const CLIENTS = 16;
const HOME = '198.51.100.7';
const ELSEWHERE = '203.0.113.9';

for (const { name, begin, end } of storeFaults(TIMEOUT_MS)) {
  test(`every request is answered in full while the store is ${name}, and verdicts come back`, {
    skip,
  }, async (t) => {
    const { server, proxy, issuer, user } = await twoReplicas(t);
    const load = startLoad([issuer, user]);
    await issuer.enrich([issueRecord({ key: 'BEFORE', source: HOME })]);

    await load.undegraded(200);
    const healthy = load.answers.splice(0);
    await begin(server, proxy);
    await issuer.enrich([issueRecord({ key: 'DURING', source: HOME })]);
    await load.answered(400);
    const troubled = load.answers.splice(0);
    await end(server, proxy);
    await Promise.all([untilHealthy(issuer), untilHealthy(user)]);
    await load.undegraded(100);
    await load.stop();
    await issuer.enrich([issueRecord({ key: 'AFTER', source: HOME })]);
    const uses = await user.enrich(
      ['BEFORE', 'DURING', 'AFTER'].map((key) => useRecord({ key, source: ELSEWHERE })),
    );

    t.diagnostic(`${name}: ${describe('before', healthy)}; ${describe('meanwhile', troubled)}`);
    assert.equal(load.faults.length, 0, load.faults[0]);
    const later = troubled.slice(troubled.length / 2);
    assert.equal(degradedIn(later), later.length, 'without the store every answer says so');
    const bound = EXCHANGES_PER_REQUEST * TIMEOUT_MS + OWN_WORK_MS;
    assert.ok(percentile(troubled, 0.99) < bound, `the p99 stays below ${bound} ms`);
    for (const { degraded, session } of uses) {
      assert.equal(degraded, undefined);
      assert.equal(session?.verdict, 'different_source');
      assert.equal(session?.revealed, true);
    }
  });
}

/** One answered request of the load. */
type Answer = { readonly ms: number; readonly degraded: boolean };

type Load = {
  /** The latest answers; whoever looks at them takes them out. */
  readonly answers: Answer[];
  /** What was wrong with an answer, whatever the store's state. */
  readonly faults: string[];
  /** Waits until there are so many answers. */
  answered(count: number): Promise<void>;
  /** Waits until so many answers in a row are not degraded: more than the clients have under way. */
  undegraded(count: number): Promise<void>;
  stop(): Promise<void>;
};

/** Clients that ask the replicas in turn, each request with an issue, a use of that key and a chained step. */
function startLoad(replicas: readonly Replica[]): Load {
  const answers: Answer[] = [];
  const faults: string[] = [];
  let running = true;
  let next = 0;
  const client = async (): Promise<void> => {
    while (running) {
      const n = next++;
      const replica = replicas[n % replicas.length];
      const records = loadRecords(n);
      const started = performance.now();
      try {
        const enrichments = await replica?.enrich(records);
        const degraded = enrichments?.some((one) => one.degraded !== undefined) === true;
        answers.push({ ms: performance.now() - started, degraded });
      } catch (error) {
        faults.push(String(error));
        return;
      }
    }
  };
  const clients = Array.from({ length: CLIENTS }, client);
  return {
    answers,
    faults,
    answered: (count) => until(() => answers.length >= count || faults.length > 0),
    undegraded: (count) =>
      until(() => {
        const latest = answers.slice(-count);
        return faults.length > 0 || (latest.length === count && degradedIn(latest) === 0);
      }),
    stop: async () => {
      running = false;
      await Promise.all(clients);
    },
  };
}

function loadRecords(n: number): Record<string, unknown>[] {
  const first = `A${n}`;
  const second = `B${n}`;
  return [
    issueRecord({ key: first, source: HOME }),
    useRecord({ key: first, source: HOME }),
    issueRecord({ key: second, source: HOME, callerKey: first }),
    useRecord({ key: second, source: HOME }),
  ];
}

type Replica = {
  /** Sends the records and answers what each was enriched with; demands 200 and all of them, whole. */
  enrich(records: readonly Record<string, unknown>[]): Promise<Detrails[]>;
};

async function twoReplicas(
  t: TestContext,
): Promise<{ server: TestServer; proxy: SlowProxy; issuer: Replica; user: Replica }> {
  const server = await startServer(t);
  const proxy = await startSlowProxy(t, server.port);
  const start = async (): Promise<Replica> => {
    const { port } = await listenTestApp(t, {
      DETRAILS_STORE_URL: `redis://127.0.0.1:${proxy.port}`,
      DETRAILS_STORE_TIMEOUT_MS: String(TIMEOUT_MS),
    });
    const agent = new Agent({ keepAlive: true });
    t.after(() => agent.destroy());
    const replica = { enrich: (records: readonly Record<string, unknown>[]) => enrich(port, agent, records) };
    await untilHealthy(replica);
    return replica;
  };
  return { server, proxy, issuer: await start(), user: await start() };
}

async function enrich(
  port: number,
  agent: Agent,
  records: readonly Record<string, unknown>[],
): Promise<Detrails[]> {
  const { status, text } = await post(port, agent, JSON.stringify({ Records: records }));
  assert.equal(status, 200, text.slice(0, 200));
  const { Records } = JSON.parse(text) as { Records: (Record<string, unknown> & { detrails?: Detrails })[] };
  assert.deepEqual(
    Records.map(({ detrails: _added, ...record }) => record),
    records,
    'every record comes back as it was',
  );
  return Records.map(({ detrails }) => {
    assert.ok(detrails?.action !== undefined && detrails.session !== undefined, 'every record is enriched');
    assert.equal('error' in detrails, false);
    return detrails;
  });
}

function post(port: number, agent: Agent, body: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port,
        path: '/v1/enrich',
        method: 'POST',
        agent,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (part: string) => {
          text += part;
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
        answer.on('error', reject);
      },
    );
    asked.on('error', reject).end(body);
  });
}

async function untilHealthy(replica: Replica): Promise<void> {
  await until(async () => {
    const [probe] = await replica.enrich([useRecord({ key: 'PROBE', source: HOME })]);
    return probe?.degraded === undefined;
  });
}

function degradedIn(answers: readonly Answer[]): number {
  return answers.filter(({ degraded }) => degraded).length;
}

function describe(when: string, answers: readonly Answer[]): string {
  const [p50, p99] = [0.5, 0.99].map((share) => Math.round(percentile(answers, share)));
  return `${answers.length} requests ${when}, ${degradedIn(answers)} degraded, p50 ${p50} ms, p99 ${p99} ms`;
}

function percentile(answers: readonly Answer[], share: number): number {
  const sorted = answers.map(({ ms }) => ms).sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
