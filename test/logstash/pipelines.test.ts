import assert from 'node:assert/strict';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { FastifyInstance } from 'fastify';

import { buildApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config.ts';
import { type Delivery, RUBY_IS_MISSING, runPipeline } from './pipeline-runner.ts';

const NAMES = [
  'GetUser',
  'ListUsers',
  'GetRole',
  'ListRoles',
  'CreateAccessKey',
  'PutUserPolicy',
  'DeleteTrail',
];
const OPEN = ['per-file.conf', 'per-event.conf', 'per-batch.conf'];
const CLOSED = ['per-file-closed.conf', 'per-event-closed.conf', 'per-batch-closed.conf'];

describe('the pipelines', { skip: RUBY_IS_MISSING }, () => {
  let app: FastifyInstance;
  let url: string;

  before(async () => {
    app = await buildApp(loadConfig({}));
    url = await app.listen({ host: '127.0.0.1', port: 0 });
  });
  after(() => app.close());

  for (const pipeline of [...OPEN, ...CLOSED]) {
    it(`${pipeline} delivers every event once, enriched with its own answer, while the service is up`, async () => {
      const delivered = await runPipeline({ pipeline, url, ...inputOf(pipeline, 300) });

      expectEach(delivered, 300, 'enriched');
      for (const { event } of delivered)
        assert.deepEqual(actionsOf(event), [`${serviceOf(event)}:${nameOf(event)}`]);
    });

    it(`${pipeline} delivers every event once while the service drops connections`, async () => {
      const flaky = await startProxy(url, (count) => count % 4 === 1);

      const delivered = await runPipeline({ pipeline, url: flaky.url, ...inputOf(pipeline, 100) });
      flaky.server.close();

      expectEach(delivered, 100);
      for (const { output, event } of delivered) {
        assert.equal(output === 'enriched', event['detrails'] !== undefined);
        if (output === 'enriched')
          assert.deepEqual(actionsOf(event), [`${serviceOf(event)}:${nameOf(event)}`]);
      }
    });

    it(`${pipeline} keeps what is no CloudTrail record`, async () => {
      const odd = [{ message: 'Nov 24 sshd[1]: Accepted publickey' }, { message: '{"broken' }, { other: 1 }];

      const delivered = await runPipeline({ pipeline, url, events: odd });

      assert.equal(delivered.length, 3);
      for (const { output, event } of delivered) {
        assert.notEqual(output, 'enriched');
        assert.ok((event['tags'] as string[]).includes('_detrails_failed'));
      }
      assert.deepEqual(
        delivered.map(({ event }) => event['message'] ?? event['other']).sort(),
        [1, 'Nov 24 sshd[1]: Accepted publickey', '{"broken'].sort(),
      );
    });
  }

  for (const pipeline of OPEN) {
    it(`${pipeline} lets every event pass once, tagged and apart, while the service is down`, async () => {
      const delivered = await runPipeline({ pipeline, url: await closedUrl(), ...inputOf(pipeline, 100) });

      expectEach(delivered, 100, 'pending');
      for (const { event } of delivered) {
        assert.deepEqual(event['tags'], ['_detrails_failed']);
        assert.equal(event['detrails'], undefined);
      }
    });

    it(`${pipeline} lets every event pass once, tagged and apart, while the service is too slow`, async () => {
      const stalled = await listen(createServer(() => undefined));

      const delivered = await runPipeline({
        pipeline,
        url: stalled.url,
        socketTimeoutSeconds: 0.05,
        ...inputOf(pipeline, 20),
      });
      stalled.server.closeAllConnections();
      stalled.server.close();

      expectEach(delivered, 20, 'pending');
    });
  }

  for (const pipeline of CLOSED) {
    it(`${pipeline} holds every event until the service is back, and delivers all enriched`, async () => {
      const url = await closedUrl();
      let late: FastifyInstance | undefined;
      const starting = async () => {
        late = await buildApp(loadConfig({}));
        await late.listen({ host: '127.0.0.1', port: Number(new URL(url).port) });
      };
      let started: Promise<void> | undefined;

      const delivered = await runPipeline({
        pipeline,
        url,
        ...inputOf(pipeline, 100),
        onWaiting: () => {
          started ??= starting();
        },
      });
      await started;
      await late?.close();

      assert.ok(started, 'the pipeline never waited');
      expectEach(delivered, 100, 'enriched');
    });

    it(`${pipeline} spools what the service refuses, which is no outage`, async () => {
      const refusing = await listen(
        createServer((request, response) => {
          response.writeHead(request.url === '/readyz' ? 200 : 400).end();
        }),
      );

      const delivered = await runPipeline({ pipeline, url: refusing.url, ...inputOf(pipeline, 20) });
      refusing.server.close();

      expectEach(delivered, 20, 'spool');
    });
  }

  for (const pipeline of ['per-event.conf', 'per-batch.conf']) {
    it(`${pipeline} finds the record in every form that inputs and codecs give it`, async () => {
      const one = recordOf(0);
      const { eventTime, ...withoutTime } = recordOf(3);
      const bridge = { 'detail-type': 'AWS API Call via CloudTrail', source: 'aws.iam', detail: recordOf(1) };
      const events = [
        { message: JSON.stringify(one) },
        bridge,
        { message: JSON.stringify({ ...bridge, detail: recordOf(2) }) },
        { ...withoutTime, '@timestamp': eventTime },
        { message: JSON.stringify({ Records: [recordOf(4), recordOf(5), recordOf(6)] }) },
      ];

      const delivered = await runPipeline({ pipeline, url, events });

      expectEach(delivered, 7, 'enriched');
      for (const { event } of delivered) {
        assert.ok((event['cloudtrail'] as { eventTime?: string }).eventTime, 'the time is put back');
        assert.equal(event['message'], undefined);
        assert.deepEqual(actionsOf(event), [`${serviceOf(event)}:${nameOf(event)}`]);
      }
    });
  }

  it('per-batch.conf makes at most 100 requests of 10,000 events', async () => {
    let requests = 0;
    const counting = await startProxy(url, (count) => {
      requests = count;
      return false;
    });
    const events = Array.from({ length: 10_000 }, (_, index) => ({
      message: JSON.stringify(recordOf(index)),
    }));

    const delivered = await runPipeline({ pipeline: 'per-batch.conf', url: counting.url, events });
    counting.server.close();

    assert.ok(requests <= 100, `${requests} requests`);
    expectEach(delivered, 10_000, 'enriched');
    for (const { event } of delivered)
      assert.deepEqual(actionsOf(event), [`${serviceOf(event)}:${nameOf(event)}`]);
  });

  for (const pipeline of ['per-file-closed.conf', 'per-event-closed.conf']) {
    it(`${pipeline} sets aside what a ready service is still too slow for`, async () => {
      const slow = await listen(
        createServer((request, response) => {
          if (request.url === '/readyz') response.writeHead(200).end();
        }),
      );

      const delivered = await runPipeline({
        pipeline,
        url: slow.url,
        socketTimeoutSeconds: 0.05,
        ...inputOf(pipeline, 10),
      });
      slow.server.closeAllConnections();
      slow.server.close();

      expectEach(delivered, 10, 'spool');
    });
  }

  it('per-file.conf answers no record with another one’s enrichment when the count is wrong', async () => {
    const short = await listen(
      createServer((_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end('{"enrichments":[{"detrails":{"schema":"1"}}]}');
      }),
    );

    const delivered = await runPipeline({
      pipeline: 'per-file.conf',
      url: short.url,
      ...inputOf('per-file.conf', 10),
    });
    short.server.close();

    expectEach(delivered, 10, 'pending');
    for (const { event } of delivered) assert.equal(event['detrails'], undefined);
  });

  it('elastic-agent.conf leaves the message to the integration and other data streams alone', async () => {
    const message = JSON.stringify(recordOf(0));
    const events = [
      { message, data_stream: { dataset: 'aws.cloudtrail' } },
      { message: 'other', data_stream: { dataset: 'nginx.access' } },
    ];

    const delivered = await runPipeline({ pipeline: 'elastic-agent.conf', url, events });

    assert.equal(delivered.length, 2);
    const [trail] = delivered.filter(({ event }) => event['message'] === message);
    const [other] = delivered.filter(({ event }) => event['message'] === 'other');
    assert.deepEqual(actionsOf(trail?.event ?? {}), ['iam:GetUser']);
    assert.deepEqual(Object.keys(other?.event ?? {}).sort(), ['data_stream', 'message']);
  });

  it('rerun.conf enriches what was set aside, takes the tag away and keeps what is refused again', async () => {
    const events = [
      { cloudtrail: recordOf(0), tags: ['_detrails_failed'] },
      { message: 'no record', tags: ['_detrails_failed'] },
    ];

    const delivered = await runPipeline({ pipeline: 'rerun.conf', url, events });

    assert.deepEqual(delivered.map(({ output }) => output).sort(), ['enriched', 'refused']);
    const [enriched] = delivered.filter(({ output }) => output === 'enriched');
    assert.deepEqual(enriched?.event['tags'] ?? [], []);
  });

  it('gives an event without an id an id of its own', async () => {
    const { eventID, ...anonymous } = recordOf(0);
    const events = [{ message: JSON.stringify(anonymous) }, { message: JSON.stringify(anonymous) }];

    const delivered = await runPipeline({ pipeline: 'per-event.conf', url, events });

    assert.equal(typeof eventID, 'string');
    assert.equal(new Set(delivered.map(({ id }) => id)).size, 2);
    for (const { id } of delivered) assert.doesNotMatch(id ?? '%{', /%\{/);
  });
});

function recordOf(index: number) {
  const name = NAMES[index % NAMES.length] ?? '';
  return {
    eventVersion: '1.11',
    userIdentity: { type: 'IAMUser', accountId: '111122223333', userName: 'alice' },
    eventTime: '2026-03-04T10:20:30Z',
    eventSource: name === 'DeleteTrail' ? 'cloudtrail.amazonaws.com' : 'iam.amazonaws.com',
    eventName: name,
    awsRegion: 'us-east-1',
    sourceIPAddress: '198.51.100.7',
    eventID: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
  };
}

/** The events as the pipeline's input would give them: files of 25 records, or records as text. */
function inputOf(pipeline: string, count: number): { events: unknown[]; batchSize: number } {
  const records = Array.from({ length: count }, (_, index) => recordOf(index));
  if (!pipeline.startsWith('per-file')) {
    return { events: records.map((record) => ({ message: JSON.stringify(record) })), batchSize: 50 };
  }
  const files = Array.from({ length: Math.ceil(count / 25) }, (_, file) => ({
    Records: records.slice(file * 25, file * 25 + 25),
  }));
  return { events: files, batchSize: 2 };
}

function expectEach(delivered: readonly Delivery[], count: number, output?: string): void {
  const ids = delivered.map(({ event }) => (event['cloudtrail'] as { eventID: string }).eventID);
  assert.equal(delivered.length, count);
  assert.equal(new Set(ids).size, count);
  if (output !== undefined) {
    assert.deepEqual([...new Set(delivered.map((one) => one.output))], [output]);
  }
}

function actionsOf(event: Delivery['event']): unknown {
  return (event['detrails'] as { action?: { iam?: unknown } } | undefined)?.action?.iam;
}

function nameOf(event: Delivery['event']): string {
  return (event['cloudtrail'] as { eventName: string }).eventName;
}

function serviceOf(event: Delivery['event']): string {
  return (event['cloudtrail'] as { eventSource: string }).eventSource.split('.')[0] ?? '';
}

async function listen(server: Server): Promise<{ server: Server; url: string }> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** An address on which nobody listens. */
async function closedUrl(): Promise<string> {
  const { server, url } = await listen(createServer());
  await new Promise((resolve) => server.close(resolve));
  return url;
}

/** Passes requests on, but drops the connection of those that `drops` says, counted from one. */
function startProxy(target: string, drops: (count: number) => boolean) {
  let count = 0;
  const handle: RequestListener = async (request, response) => {
    count += 1;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.url !== '/readyz' && drops(count)) {
      request.socket.destroy();
      return;
    }
    const hasBody = request.method === 'POST';
    const answer = await fetch(`${target}${request.url}`, {
      method: request.method ?? 'GET',
      headers: { 'content-type': request.headers['content-type'] ?? 'application/json' },
      ...(hasBody ? { body: Buffer.concat(chunks) } : {}),
    });
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
    response.end(Buffer.from(await answer.arrayBuffer()));
  };
  return listen(createServer(handle));
}
