import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { eventFromObject } from '../../src/cloudtrail/event.ts';
import {
  CompanyFileError,
  type ContextSource,
  type ContextSourceOptions,
  createContextSource,
  type ReloadResult,
} from '../../src/context/context-source.ts';
import { LARGEST_COMPANY_FILE } from '../../src/context/parse-company-file.ts';
import { enrichContext } from '../../src/enrichment/context.ts';
import { readDataFile } from '../../src/knowledge/data-file.ts';
import { projectRoot } from '../shared.ts';
import { writeMmdb } from './mmdb-writer.ts';

const ACCOUNT = '111122223333';
const event = eventFromObject({ userIdentity: { accountId: ACCOUNT }, sourceIPAddress: '192.0.2.1' });
const company = (name: string): string =>
  `accounts:\n- {id: "${ACCOUNT}", name: ${name}}\nnetworks:\n- {name: ${name}, cidr: 192.0.2.0/24}\n`;

const accountName = (source: ContextSource): string | undefined =>
  enrichContext(event, source.current())?.account?.name;

/** Replaces a file whole, so that no reader sees half of it. */
async function replace(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
}

async function setUp(t: TestContext, options: Partial<ContextSourceOptions> & { text?: string } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'detrails-context-'));
  const file = join(folder, 'company.yaml');
  await writeFile(file, options.text ?? company('first'));
  const logged: [level: string, message: string, details: object][] = [];
  const results: ReloadResult[] = [];
  let wake: (() => void) | undefined;
  const source = await createContextSource({
    file,
    vendorsEnabled: true,
    data: { vendors: readDataFile('vendors.json'), tools: readDataFile('tools.json') },
    // Far away: what tests wait for is the watcher, unless they say otherwise.
    pollMs: 3_600_000,
    log: {
      info: (details, message) => logged.push(['info', message, details]),
      warn: (details, message) => logged.push(['warn', message, details]),
    },
    onReload: (result) => {
      results.push(result);
      wake?.();
    },
    ...options,
  });
  // A source keeps no process alive; while a test waits for it, this does.
  const alive = setInterval(() => undefined, 1000);
  t.after(async () => {
    clearInterval(alive);
    await source.close();
    await rm(folder, { recursive: true });
  });
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return { folder, file, source, logged, results, until };
}

test('a changed file is read without a restart', async (t) => {
  const { file, source, until } = await setUp(t);
  assert.equal(accountName(source), 'first');

  await writeFile(file, company('second'));
  await until(() => accountName(source) === 'second');
});

test('a file replaced by renaming is read, as editors do it', async (t) => {
  const { folder, file, source, until } = await setUp(t);

  await writeFile(join(folder, 'new'), company('second'));
  await rename(join(folder, 'new'), file);
  await until(() => accountName(source) === 'second');
});

test('a mounted ConfigMap is read when its link is turned to another folder', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'detrails-configmap-'));
  t.after(() => rm(folder, { recursive: true }));
  for (const [name, version] of [
    ['first', '..v1'],
    ['second', '..v2'],
  ] as const) {
    await mkdir(join(folder, version));
    await writeFile(join(folder, version, 'company.yaml'), company(name));
  }
  await symlink('..v1', join(folder, '..data'));
  await symlink(join('..data', 'company.yaml'), join(folder, 'company.yaml'));
  const { source, until } = await setUp(t, { file: join(folder, 'company.yaml') });
  assert.equal(accountName(source), 'first');

  await symlink('..v2', join(folder, '..data_tmp'));
  await rename(join(folder, '..data_tmp'), join(folder, '..data'));
  await until(() => accountName(source) === 'second');
});

test('a change nobody tells of is found by looking', async (t) => {
  const outside = await mkdtemp(join(tmpdir(), 'detrails-outside-'));
  t.after(() => rm(outside, { recursive: true }));
  const real = join(outside, 'real.yaml');
  await writeFile(real, company('first'));
  const folder = await mkdtemp(join(tmpdir(), 'detrails-link-'));
  t.after(() => rm(folder, { recursive: true }));
  const link = join(folder, 'company.yaml');
  await symlink(real, link);
  // The watched folder holds the link alone, so only the poll can see the file behind it change.
  const { source, until } = await setUp(t, { file: link, pollMs: 5 });

  await writeFile(real, company('second'));
  await until(() => accountName(source) === 'second');
});

test('a bad file keeps the old one, is told once and with its lines', async (t) => {
  const { file, source, logged, results, until } = await setUp(t);

  await replace(file, 'accounts:\n- {id: x}\n- {id: y}\n');
  await until(() => results.some(({ ok }) => !ok));

  assert.equal(accountName(source), 'first');
  assert.deepEqual(
    results.at(-1)?.faults.map(({ line }) => line),
    [2, 3],
  );
  const [level, message, details] = logged.at(-1) ?? [];
  assert.deepEqual([level, message], ['warn', 'context file is bad, the last good one stays']);
  assert.deepEqual(details, {
    kind: 'company',
    file,
    fault_count: 2,
    faults: [
      'line 2: accounts[0].id must be a 12-digit account id',
      'line 3: accounts[1].id must be a 12-digit account id',
    ],
  });
  await replace(file, company('third'));
  await until(() => accountName(source) === 'third');
});

test('a file that is empty of a sudden keeps what it said, for it is likely being written', async (t) => {
  const { file, source, results } = await setUp(t);

  await replace(file, '');
  await source.reload();

  assert.equal(accountName(source), 'first');
  assert.equal(results.at(-1)?.faults[0]?.message, 'is empty');
});

test('a file that is gone keeps what it said', async (t) => {
  const { file, source, results } = await setUp(t);

  await rm(file);
  await source.reload();

  assert.equal(accountName(source), 'first');
  assert.equal(results.at(-1)?.faults[0]?.message, 'cannot be read (ENOENT)');
});

test('a file that has grown past the limit is not read', async (t) => {
  const { file, source, results } = await setUp(t);

  await replace(file, '#'.repeat(LARGEST_COMPANY_FILE + 1));
  await source.reload();

  assert.equal(accountName(source), 'first');
  assert.equal(results.at(-1)?.faults[0]?.message, 'is larger than 4194304 bytes');
});

test('a company file that is bad at the start is refused with all its faults', async (t) => {
  const text = await readFile(join(projectRoot(), 'test', 'fixtures', 'company-with-20-faults.yaml'), 'utf8');

  await assert.rejects(setUp(t, { text }), (error) => {
    assert.ok(error instanceof CompanyFileError);
    assert.equal(error.faults.length, 20);
    assert.equal(error.message.split('\n').length, 21);
    return true;
  });
});

test('optional files that are bad or missing at the start are told and do without', async (t) => {
  const { source, results } = await setUp(t, {
    mmdbFiles: ['/nonexistent/country.mmdb'],
    ipRangesFile: join(projectRoot(), 'package.json'),
    torFile: join(projectRoot(), 'package.json'),
  });

  assert.deepEqual(
    results.map(({ kind, ok, faults }) => [kind, ok, faults[0]?.message]),
    [
      ['company', true, undefined],
      ['mmdb', false, 'cannot be read (ENOENT)'],
      ['aws_ranges', false, "is no file of AWS's ranges"],
      ['tor_exits', false, 'is no list of Tor exits'],
    ],
  );
  assert.equal(source.current().networks.of('192.0.2.1')?.aws, undefined);
});

test('databases and lists are read and replaced like the company file', async (t) => {
  const { folder, source: unused } = await setUp(t);
  assert.ok(unused);
  const mmdb = join(folder, 'country.mmdb');
  const torFile = join(folder, 'tor.txt');
  const write = async (country: string, exit: string): Promise<void> => {
    await writeFile(
      mmdb,
      writeMmdb('GeoLite2-Country', { '198.51.100.0/24': { country: { iso_code: country } } }),
    );
    await writeFile(torFile, `${exit}\n`);
  };
  await write('DE', '198.51.100.1');
  const { source } = await setUp(t, { mmdbFiles: [mmdb], torFile });
  const network = (ip: string) => source.current().networks.of(ip)?.network;
  assert.deepEqual(network('198.51.100.1'), { kind: 'tor', country: 'DE' });

  await write('NO', '198.51.100.2');
  const results = await source.reload();

  assert.deepEqual(
    results.map(({ kind }) => kind),
    ['company', 'mmdb', 'tor_exits'],
  );
  assert.deepEqual(network('198.51.100.1'), { country: 'NO' });
  assert.deepEqual(network('198.51.100.2'), { kind: 'tor', country: 'NO' });
});

test('a large file is read in a thread, with the same answer', async (t) => {
  const networks = Array.from(
    { length: 2000 },
    (_, at) => `- {name: n${at}, cidr: 10.${at >> 8}.${at & 255}.0/24}\n`,
  );
  const { source, file, results } = await setUp(t, { text: `networks:\n${networks.join('')}` });
  assert.equal(source.current().networks.of('10.7.207.1')?.network?.name, 'n1999');

  await writeFile(file, `networks:\n${networks.join('')}- {name: bad}\n`);
  await source.reload();

  assert.deepEqual(results.at(-1)?.faults, [
    { line: 2002, path: 'networks[2000].cidr', message: 'is required' },
  ]);
});

test('reloading under load fails no batch and mixes no two versions within one', async (t) => {
  const { file, source } = await setUp(t);
  const seen = new Set<string>();
  let loading = true;
  const load = async (): Promise<number> => {
    let batches = 0;
    while (loading) {
      // What the pipeline does: one snapshot per batch, pinned across the exchange with the store.
      const snapshot = source.current();
      const names = new Set<string | undefined>();
      for (let record = 0; record < 50; record += 1) {
        if (record === 25) await new Promise<void>((resolve) => setImmediate(resolve));
        const context = enrichContext(event, snapshot);
        names.add(context?.account?.name).add(context?.network?.name);
      }
      assert.equal(names.size, 1, [...names].join());
      for (const name of names) seen.add(name ?? '');
      batches += 1;
    }
    return batches;
  };
  const loads = [load(), load(), load()];

  for (let version = 0; version < 30; version += 1) {
    await replace(file, version % 3 === 2 ? 'accounts: bad\n' : company(`v${version}`));
    await source.reload();
  }
  loading = false;

  for (const batches of await Promise.all(loads)) assert.ok(batches > 0);
  assert.ok(seen.size > 10, `${seen.size} versions seen`);
  assert.ok(!seen.has(''));
});

test('reloads asked for at once are done one after the other and end in the newest content', async (t) => {
  const { file, source } = await setUp(t);
  const before = source.current();

  await replace(file, company('second'));
  await Promise.all([source.reload(), source.reload(), source.reload()]);

  assert.equal(accountName(source), 'second');
  assert.equal(enrichContext(event, before)?.account?.name, 'first');
});

test('without any file there is nothing to watch and nothing to say', async () => {
  const source = await createContextSource({
    vendorsEnabled: false,
    data: { vendors: readDataFile('vendors.json'), tools: readDataFile('tools.json') },
    log: { info: () => undefined, warn: () => undefined },
  });

  assert.deepEqual(await source.reload(), []);
  assert.equal(enrichContext(event, source.current()), undefined);
  await source.close();
});
