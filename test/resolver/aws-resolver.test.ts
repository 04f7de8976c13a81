import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createAwsReader } from '../../src/resolver/aws-reader.ts';
import { createAwsResolver } from '../../src/resolver/aws-resolver.ts';
import type { KnownPolicy, PolicyRef } from '../../src/resolver/port.ts';
import { createQueuedResolver, type QueuedResolverOptions } from '../../src/resolver/queued-resolver.ts';
import type { Contribution, Store } from '../../src/store/port.ts';
import {
  assumeRoleAnswer,
  errorAnswer,
  type FakeAnswer,
  type FakeCall,
  policyAnswer,
  startFakeIam,
  versionAnswer,
} from './fake-iam.ts';

const ACCOUNT = '111122223333';
const ARN = `arn:aws:iam::${ACCOUNT}:policy/team/p`;
const REF: PolicyRef = { arn: ARN, account: ACCOUNT };
const DOCUMENT = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}';
const NOW = Date.parse('2024-05-01T00:00:00Z');

test('reads the default version and writes what it learned into the store', async (t) => {
  const bench = await startBench(t, answerWell);
  bench.resolver.want(REF);
  await bench.settled(1);
  assert.deepEqual(bench.outcomes, ['read']);
  assert.deepEqual(bench.learned, [
    {
      arn: ARN,
      versions: [
        { version: 'v2', document: encodeURIComponent(DOCUMENT), createdAt: '2024-02-01T00:00:00.000Z' },
      ],
      defaultVersion: 'v2',
      observedAt: '2024-05-01T00:00:00.000Z',
    },
  ]);
  assert.deepEqual(bench.written, [`policy:${ARN}`]);
});

test('reads the version an event named and the default besides', async (t) => {
  const bench = await startBench(t, answerWell);
  bench.resolver.want({ ...REF, version: 'v1' });
  await bench.settled(1);
  assert.deepEqual(
    bench.learned[0]?.versions.map((version) => version.version),
    ['v1', 'v2'],
  );
});

test('asks once for wishes that are the same, and not again after an answer', async (t) => {
  const bench = await startBench(t, answerWell);
  bench.resolver.want(REF);
  bench.resolver.want(REF);
  await bench.settled(1);
  bench.resolver.want(REF);
  assert.deepEqual(bench.outcomes, ['read', 'known']);
  assert.equal(bench.calls.length, 2);
});

for (const { code, status, outcome } of [
  { code: 'NoSuchEntity', status: 404, outcome: 'gone' },
  { code: 'AccessDenied', status: 403, outcome: 'denied' },
  { code: 'InvalidClientTokenId', status: 403, outcome: 'denied' },
  { code: 'ValidationError', status: 400, outcome: 'garbage' },
]) {
  test(`remembers ${code} for a while instead of asking again`, async (t) => {
    const bench = await startBench(t, () => errorAnswer(status, code));
    bench.resolver.want(REF);
    await bench.settled(1);
    bench.resolver.want(REF);
    assert.deepEqual(bench.outcomes, [outcome, 'known']);
    bench.advance(16 * 60 * 1000);
    bench.resolver.want(REF);
    await bench.settled(3);
    assert.deepEqual(bench.outcomes, [outcome, 'known', outcome]);
    assert.deepEqual(bench.written, []);
  });
}

test('waits ever longer while IAM throttles, then succeeds', async (t) => {
  const bench = await startBench(t, (call, index) =>
    index < 3 ? errorAnswer(400, 'Throttling') : answerWell(call),
  );
  bench.resolver.want(REF);
  await bench.settled(4);
  assert.deepEqual(bench.outcomes, ['busy', 'busy', 'busy', 'read']);
  assert.deepEqual(bench.waits, [500, 1000, 2000]);
});

test('gives up on an IAM that stays busy, and may be asked again later', async (t) => {
  const bench = await startBench(t, () => errorAnswer(503, 'ServiceUnavailable'), { maxAttempts: 2 });
  bench.resolver.want(REF);
  await bench.settled(3);
  assert.deepEqual(bench.outcomes, ['busy', 'busy', 'given_up']);
  bench.resolver.want(REF);
  await bench.settled(6);
  assert.equal(bench.outcomes.length, 6);
});

for (const { name, body } of [
  { name: 'text that is no XML', body: 'hello <' },
  { name: 'XML without a policy', body: '<GetPolicyResponse><GetPolicyResult/></GetPolicyResponse>' },
  { name: 'an empty body', body: '' },
]) {
  test(`survives ${name} and learns nothing`, async (t) => {
    const bench = await startBench(t, () => ({ status: 200, body }), { maxAttempts: 1 });
    bench.resolver.want(REF);
    await bench.settled(1);
    assert.equal(bench.outcomes[0], 'garbage');
    assert.deepEqual(bench.written, []);
  });
}

test('leaves other accounts alone without a role to assume', async (t) => {
  const bench = await startBench(t, answerWell);
  bench.resolver.want({ arn: 'arn:aws:iam::999988887777:policy/p', account: '999988887777' });
  await bench.settled(1);
  assert.deepEqual(bench.outcomes, ['foreign']);
  assert.equal(bench.calls.length, 0);
});

test('reads another account through the role of the template, with its credentials', async (t) => {
  const bench = await startBench(t, answerWell, {
    roleArnTemplate: 'arn:aws:iam::{account}:role/detrails-reader',
  });
  const arn = 'arn:aws:iam::999988887777:policy/p';
  bench.resolver.want({ arn, account: '999988887777' });
  await bench.settled(1);
  assert.deepEqual(bench.outcomes, ['read']);
  assert.equal(bench.calls[0]?.parameters.get('RoleArn'), 'arn:aws:iam::999988887777:role/detrails-reader');
  assert.deepEqual(
    bench.calls.map((call) => [call.parameters.get('Action'), call.accessKeyId]),
    [
      ['AssumeRole', 'AKIAOWN'],
      ['GetPolicy', 'ASIAOTHER'],
      ['GetPolicyVersion', 'ASIAOTHER'],
    ],
  );
});

test('reads policies of AWS with its own credentials, whatever account attached them', async (t) => {
  const bench = await startBench(t, answerWell);
  bench.resolver.want({ arn: 'arn:aws:iam::aws:policy/Brandnew', account: '999988887777' });
  await bench.settled(1);
  assert.deepEqual(bench.outcomes, ['read']);
});

test('asks with its own credentials when nobody says whose they are', async (t) => {
  const bench = await startBench(t, answerWell, { ownAccount: undefined });
  bench.resolver.want(REF);
  await bench.settled(1);
  assert.deepEqual(bench.outcomes, ['read']);
  assert.equal(bench.calls[0]?.accessKeyId, 'AKIAOWN');
});

test('asks the region of the partition, each through a client of its own', async (t) => {
  const bench = await startBench(t, answerWell);
  for (const partition of ['aws', 'aws-cn', 'aws-us-gov']) {
    bench.resolver.want({ arn: `arn:${partition}:iam::${ACCOUNT}:policy/p`, account: ACCOUNT });
  }
  await bench.settled(3);
  const regions = bench.calls.map((call) => call.region);
  assert.deepEqual([...new Set(regions)].sort(), ['cn-north-1', 'us-east-1', 'us-gov-west-1']);
});

test('a server that hangs up is busy, not the end', async (t) => {
  const bench = await startBench(t, answerWell, { iamEndpoint: 'http://127.0.0.1:9', maxAttempts: 1 });
  bench.resolver.want(REF);
  await bench.settled(2);
  assert.deepEqual(bench.outcomes, ['busy', 'given_up']);
});

test('the whole resolver works as it is wired, and closing cuts its waits short', async (t) => {
  const fake = await startFakeIam(() => errorAnswer(503, 'ServiceUnavailable'));
  const outcomes: string[] = [];
  let wake = (): void => {};
  const first = new Promise<void>((resolve) => {
    wake = resolve;
  });
  const resolver = await createAwsResolver({
    ownAccount: ACCOUNT,
    iamEndpoint: fake.url,
    credentials: { accessKeyId: 'AKIAOWN', secretAccessKey: 's' },
    store: { exchange: async () => ({ records: new Map(), degraded: false }), close: async () => {} },
    contributionsOf: () => [],
    now: () => NOW,
    backOffMs: 60_000,
    onOutcome: (outcome) => {
      outcomes.push(outcome);
      wake();
    },
  });
  t.after(() => fake.close());
  resolver.want(REF);
  await first;
  await resolver.close();
  assert.deepEqual(outcomes, ['busy']);
});

test('drops wishes beyond the bound of the queue', async (t) => {
  const bench = await startBench(t, answerWell, { maxQueue: 2, concurrency: 1 });
  for (let index = 0; index < 5; index += 1) bench.resolver.want({ ...REF, arn: `${ARN}${index}` });
  assert.deepEqual(bench.outcomes, ['dropped', 'dropped']);
  await bench.settled(5);
  assert.deepEqual(bench.outcomes.slice(2), ['read', 'read', 'read']);
  assert.equal(Math.max(...bench.lengths), 2);
});

test('takes no wish after it was closed', async (t) => {
  const bench = await startBench(t, answerWell);
  await bench.resolver.close();
  bench.resolver.want(REF);
  assert.deepEqual(bench.outcomes, []);
  assert.equal(bench.calls.length, 0);
});

function answerWell(call: FakeCall): FakeAnswer {
  const action = call.parameters.get('Action');
  const version = call.parameters.get('VersionId') ?? '';
  if (action === 'AssumeRole') return assumeRoleAnswer('ASIAOTHER');
  if (action === 'GetPolicy') return policyAnswer(call.parameters.get('PolicyArn') ?? '', 'v2');
  return versionAnswer(version, DOCUMENT, `2024-0${version.slice(1)}-01T00:00:00Z`);
}

type BenchOptions = Partial<QueuedResolverOptions> & {
  readonly roleArnTemplate?: string;
  readonly ownAccount?: string | undefined;
  readonly iamEndpoint?: string;
};

async function startBench(
  t: TestContext,
  answer: (call: FakeCall, index: number) => FakeAnswer,
  options: BenchOptions = {},
) {
  const fake = await startFakeIam(answer);
  let now = NOW;
  const outcomes: string[] = [];
  const waits: number[] = [];
  const lengths: number[] = [];
  const learned: KnownPolicy[] = [];
  const written: string[] = [];
  let wake = (): void => {};
  const { roleArnTemplate, ownAccount = ACCOUNT, iamEndpoint = fake.url, ...overrides } = options;
  const isAnonymous = 'ownAccount' in options && options.ownAccount === undefined;
  const reader = await createAwsReader({
    ...(!isAnonymous && { ownAccount }),
    iamEndpoint,
    stsEndpoint: fake.url,
    credentials: { accessKeyId: 'AKIAOWN', secretAccessKey: 's' },
    now: () => now,
    ...(roleArnTemplate !== undefined && { roleArnTemplate }),
  });
  const store: Store = {
    exchange: async (contributions) => {
      written.push(...contributions.map((contribution) => contribution.key));
      return { records: new Map(), degraded: false };
    },
    close: async () => {},
  };
  const resolver = createQueuedResolver({
    reader,
    store,
    contributionsOf: (policy): readonly Contribution[] => {
      learned.push(policy);
      return [{ key: `policy:${policy.arn}`, ttlMs: 1, operations: [] }];
    },
    now: () => now,
    sleep: async (ms) => {
      waits.push(ms);
    },
    onOutcome: (outcome) => {
      outcomes.push(outcome);
      wake();
    },
    onQueue: (length) => lengths.push(length),
    ...overrides,
  });
  t.after(async () => {
    await resolver.close();
    await fake.close();
  });
  return {
    resolver,
    calls: fake.calls,
    outcomes,
    waits,
    lengths,
    learned,
    written,
    advance: (ms: number) => {
      now += ms;
    },
    /** Resolves when so many outcomes were told and what follows from the last of them is done. */
    settled: async (count: number): Promise<void> => {
      while (outcomes.length < count) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}
