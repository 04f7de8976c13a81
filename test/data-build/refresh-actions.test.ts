import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Agent } from 'undici';
import { buildActions, preferSnapshot, snapshotPath } from '../../data/build/actions/build.ts';
import { diffActions } from '../../data/build/actions/diff.ts';
import { readSnapshot } from '../../data/build/actions/snapshot.ts';
import { unpackServices } from '../../data/build/actions/source-action.ts';
import { refreshActions } from '../../data/build/refresh-actions.ts';
import { projectRoot } from '../shared.ts';

type Answer = (request: IncomingMessage, response: ServerResponse, times: number) => void;
type Pages = { [path: string]: unknown };

const LIST = [
  { service: 's3', url: 'https://servicereference.us-east-1.amazonaws.com/v1/s3/s3.json' },
  { service: 'sns', url: 'https://servicereference.us-east-1.amazonaws.com/v1/sns/sns.json' },
];

const S3 = {
  Name: 's3',
  Actions: [
    action('GetObject', {}, ['object']),
    action('PutObject', { IsWrite: true }, ['object']),
    action('ListAllMyBuckets', { IsList: true }, []),
    action('PutBucketPolicy', { IsPermissionManagement: true, IsWrite: true }, ['bucket']),
    action('TagResource', { IsTaggingOnly: true, IsWrite: true }, ['bucket']),
  ],
  Operations: [
    {
      Name: 'CopyObject',
      AuthorizedActions: [
        { Name: 'PutObject', Service: 's3' },
        { Name: 'GetObject', Service: 's3' },
      ],
      SDK: [{ Name: 's3', Method: 'copy_object', Package: 'Boto3' }],
    },
    { Name: 'GetObject', AuthorizedActions: [{ Name: 'GetObject' }] },
    { Name: 'Unmapped' },
  ],
  Version: 'v1.4',
};

const SNS = { Name: 'sns', Actions: [action('Publish', { IsWrite: true }, ['topic'])], Version: 'v1.4' };
const PAGES: Pages = { '/': LIST, '/v1/s3/s3.json': S3, '/v1/sns/sns.json': SNS };

const COMMITTED = {
  services: {
    s3: { names: 'GetObject PutObject Vanished', levels: 'RRW' },
    sqs: { names: 'SendMessage', levels: 'W' },
  },
};

test('pins a snapshot and reports what changed', async (t) => {
  const { root, run } = await setUp(t, serve(PAGES));

  const report = await run();

  assert.equal(
    report,
    [
      'added: 4',
      '  s3:ListAllMyBuckets',
      '  s3:PutBucketPolicy',
      '  s3:TagResource',
      '  sns:Publish',
      'removed: 1',
      '  s3:Vanished',
      'level changed: 1',
      '  s3:PutObject: Read -> Write',
    ].join('\n'),
  );
  const snapshot = readSnapshot(snapshotPath(root));
  assert.deepEqual(snapshot?.actions.get('s3:TagResource'), {
    level: 'Tagging',
    restrictable: true,
    retired: false,
  });
  assert.equal(snapshot?.actions.get('s3:GetObject')?.level, 'Read');
  assert.equal(snapshot?.actions.get('s3:PutBucketPolicy')?.level, 'Permissions management');
  assert.equal(snapshot?.actions.get('s3:ListAllMyBuckets')?.restrictable, false);
  assert.deepEqual(Object.fromEntries(snapshot?.operations ?? []), {
    's3:CopyObject': ['s3:PutObject', 's3:GetObject'],
    's3:GetObject': ['s3:GetObject'],
  });
  assert.equal(snapshot?.source.date, '2026-11-24');
});

test('writes the same snapshot for the same answers', async (t) => {
  const { root, run } = await setUp(t, serve(PAGES));

  await run();
  const first = readFileSync(snapshotPath(root), 'utf8');
  await run();

  assert.equal(readFileSync(snapshotPath(root), 'utf8'), first);
});

test('gives the builder levels and operations that win over the package', async (t) => {
  const { root, run } = await setUp(t, serve(PAGES));
  symlinkSync(join(projectRoot(), 'node_modules'), join(root, 'node_modules'));
  const exceptions = join('data', 'build', 'actions', 'exceptions.json');
  copyFileSync(join(projectRoot(), exceptions), join(root, exceptions));
  await run();

  const { file } = buildActions(root);

  assert.equal(file.sources[0]?.name, 'AWS Service Reference');
  const actions = unpackServices(file.services);
  assert.deepEqual(actions.get('s3:PutObject'), { level: 'Write', restrictable: true, retired: false });
  assert.equal(actions.get('s3:Vanished')?.retired, true, 'the committed file had it');
  assert.equal(actions.get('s3:DeleteBucket')?.retired, true, 'the package has it');
  assert.equal(actions.get('s3:TagResource')?.level, 'Tagging');
  assert.equal(actions.get('iam:CreateUser')?.retired, false);
  assert.equal(file.events['s3']?.['CopyObject'], 's3:GetObject s3:PutObject');
});

test('counts retired actions as not listed in a report', () => {
  const row = { level: 'Write', restrictable: true, retired: false } as const;
  const before = new Map([
    ['s:Gone', row],
    ['s:Back', { ...row, retired: true }],
    ['s:Kept', row],
  ]);
  const after = new Map([
    ['s:Gone', { ...row, retired: true }],
    ['s:Back', row],
    ['s:Kept', row],
    ['s:Late', { ...row, retired: true }],
  ]);

  assert.deepEqual(diffActions(before, after), { added: ['s:Back'], removed: ['s:Gone'], changed: [] });
});

test('lets the snapshot speak for its services and the package for the others', () => {
  const write = { level: 'Write', restrictable: true, retired: false } as const;
  const source = { name: 'x', version: '1', date: '2026-01-01', sha256: '' };
  const snapshot = { source, actions: new Map([['a:New', write]]), operations: new Map() };
  const packaged = new Map([
    ['a:Old', write],
    ['b:Kept', write],
  ]);

  assert.deepEqual([...preferSnapshot(snapshot, packaged).keys()], ['a:New', 'b:Kept']);
  assert.equal(preferSnapshot(undefined, packaged), packaged);
});

test('tries again after server errors, throttling, broken connections and truncated bodies', async (t) => {
  const faults: Answer[] = [
    (_, response) => void response.writeHead(500).end('oops'),
    (_, response) => void response.writeHead(429).end(),
    (_, response) => void response.destroy(),
    (_, response) => void response.end('{"Name":"s3","Actions":[{"Na'),
  ];
  const { root, run, asked } = await setUp(t, (request, response, times) => {
    const fault = request.url === '/v1/s3/s3.json' ? faults[times - 1] : undefined;
    (fault ?? serve(PAGES))(request, response, times);
  });

  await run();

  assert.equal(asked.get('/v1/s3/s3.json'), 5);
  assert.equal(asked.get('/v1/sns/sns.json'), 1);
  assert.equal(readSnapshot(snapshotPath(root))?.actions.size, 6);
});

test('gives up on a server that never answers', async (t) => {
  const { root, run } = await setUp(t, (request, response, times) => {
    if (request.url !== '/v1/sns/sns.json') serve(PAGES)(request, response, times);
  });

  await assert.rejects(run({ timeoutMs: 60, attempts: 2 }), /sns\.json: .*timeout.* \(2 tries\)/i);
  assert.ok(!existsSync(snapshotPath(root)));
});

const FATAL: readonly [name: string, pages: Pages, message: RegExp][] = [
  ['a missing document', { ...PAGES, '/v1/sns/sns.json': undefined }, /status 404/],
  ['a list that is none', { ...PAGES, '/': { services: [] } }, /not a list/],
  ['an empty list', { ...PAGES, '/': [] }, /not a list/],
  ['an entry without url', { ...PAGES, '/': [{ service: 's3' }] }, /without service or url/],
  [
    'an entry with a path for a name',
    { ...PAGES, '/': [{ service: '../x', url: '/' }] },
    /without service or url/,
  ],
  ['a document of another service', { ...PAGES, '/v1/sns/sns.json': S3 }, /document of sns is not one/],
  ['a document that is null', { ...PAGES, '/v1/sns/sns.json': null }, /document of sns is not one/],
  [
    'a document without actions',
    { ...PAGES, '/v1/sns/sns.json': { Name: 'sns' } },
    /document of sns is not one/,
  ],
  [
    'an unknown level flag',
    withSns(action('Publish', { IsAdmin: true }, [])),
    /sns:Publish has an unknown access level flag: "IsAdmin"/,
  ],
  [
    'a flag that is no boolean',
    withSns(action('Publish', { IsWrite: 'yes' }, [])),
    /unknown access level flag/,
  ],
  ['an action without level', withSns({ Name: 'Publish' }), /sns:Publish has no access level/],
  ['an action whose name breaks the file', withSns(action('Two Words', {}, [])), /not an action name/],
  [
    'more than two percent of the actions gone',
    { ...PAGES, '/v1/s3/s3.json': { ...S3, Actions: S3.Actions.slice(0, 1) } },
    /refused/,
  ],
];

for (const [name, pages, message] of FATAL) {
  test(`writes nothing after ${name}`, async (t) => {
    const { root, run } = await setUp(t, serve(pages));

    await assert.rejects(run(), message);
    assert.ok(!existsSync(snapshotPath(root)));
  });
}

test('refuses a document that is too large', async (t) => {
  const { run } = await setUp(t, serve(PAGES));

  await assert.rejects(run({ maxBytes: 300 }), /more than 300 bytes/);
});

test('runs as a command', async (t) => {
  const { root, baseUrl } = await setUp(t, serve(PAGES));

  const { stdout, code } = await command(root, baseUrl);

  assert.match(stdout, /^added: 4\n(.*\n)*Now run npm run data:build/);
  assert.equal(code, 0);
  assert.ok(existsSync(snapshotPath(root)));
});

test('says as a command why it wrote nothing', async (t) => {
  const { root, baseUrl } = await setUp(t, serve({}));

  const { stderr, code } = await command(root, baseUrl);

  assert.match(stderr, /^Nothing was written: http:.*: status 404\n$/);
  assert.equal(code, 1);
});

/** `npm run data:refresh -- <baseUrl>` in `root`, from the sources or from the build. */
async function command(root: string, baseUrl: string) {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const script = fileURLToPath(new URL(`../../data/build/refresh-actions.${extension}`, import.meta.url));
  const child = spawn(process.execPath, [script, baseUrl], { cwd: root });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { stdout, stderr, code: code as number };
}

test('shows its progress on a terminal only', async (t) => {
  const { run, written } = await setUp(t, serve(PAGES));

  await run({}, true);
  const shown = written.join('');
  await run({}, false);

  assert.match(shown, /\r\[#{15}\.{15}\] 1\/2\r\[#{30}\] 2\/2\n$/);
  assert.equal(written.join(''), shown);
});

function action(name: string, flags: Pages, resources: string[]): object {
  return {
    Name: name,
    ActionConditionKeys: [],
    Annotations: { Properties: flags },
    Resources: resources.map((resource) => ({ Name: resource })),
  };
}

function withSns(row: object): Pages {
  return { ...PAGES, '/v1/sns/sns.json': { Name: 'sns', Actions: [row] } };
}

function serve(pages: Pages): Answer {
  return (request, response) => {
    const page = pages[request.url ?? ''];
    if (page === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(page));
  };
}

/** A project root in a temporary folder and a local server that stands in for AWS's. */
async function setUp(t: TestContext, answer: Answer) {
  const root = mkdtempSync(join(tmpdir(), 'detrails-'));
  mkdirSync(join(root, 'data', 'build', 'actions'), { recursive: true });
  writeFileSync(join(root, 'data', 'actions.json'), JSON.stringify(COMMITTED));
  const asked = new Map<string, number>();
  const server = createServer((request, response) => {
    const times = (asked.get(request.url ?? '') ?? 0) + 1;
    asked.set(request.url ?? '', times);
    answer(request, response, times);
  });
  const baseUrl = await listen(server);
  const dispatcher = new Agent();
  const written: string[] = [];
  t.after(async () => {
    await dispatcher.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(root, { recursive: true });
  });
  const run = (limits: { timeoutMs?: number; attempts?: number; maxBytes?: number } = {}, isTTY = false) =>
    refreshActions({
      root,
      baseUrl,
      today: '2026-11-24',
      fetch: { dispatcher, attempts: 5, backOffMs: 1, timeoutMs: 5_000, maxBytes: 1_000_000, ...limits },
      progress: { isTTY, write: (text) => written.push(text) },
    });
  return { root, baseUrl, run, asked, written };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
