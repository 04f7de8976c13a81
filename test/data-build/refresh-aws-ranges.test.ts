import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Agent } from 'undici';
import { DEFAULT_FETCH } from '../../data/build/actions/fetch-json.ts';
import { refreshAwsRanges } from '../../data/build/refresh-aws-ranges.ts';

async function setUp(t: TestContext) {
  const served = { body: '' };
  const server = createServer((_request, response) => response.end(served.body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const dispatcher = new Agent();
  const folder = mkdtempSync(join(tmpdir(), 'detrails-ranges-'));
  t.after(async () => {
    await dispatcher.close();
    server.close();
    rmSync(folder, { recursive: true });
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const target = join(folder, 'ip-ranges.json');
  const fetch = { ...DEFAULT_FETCH, attempts: 1, dispatcher };
  return { served, folder, target, refresh: () => refreshAwsRanges(url, target, fetch) };
}

const ranges = (count: number): string =>
  JSON.stringify({
    prefixes: Array.from({ length: count }, (_, at) => ({
      ip_prefix: `10.0.${at}.0/24`,
      region: 'eu-west-1',
      service: 'EC2',
    })),
    ipv6_prefixes: [],
  });

test('writes the ranges whole, and again when they change', async (t) => {
  const { served, folder, target, refresh } = await setUp(t);

  served.body = ranges(10);
  assert.equal(await refresh(), `${target}: 10 ranges, none before`);
  served.body = ranges(9);
  assert.equal(await refresh(), `${target}: 9 ranges, 10 before`);

  assert.equal(readFileSync(target, 'utf8'), ranges(9));
  assert.deepEqual(readdirSync(folder), ['ip-ranges.json']);
});

test('keeps the file when half the ranges are gone', async (t) => {
  const { served, target, refresh } = await setUp(t);
  served.body = ranges(10);
  await refresh();

  served.body = ranges(4);

  await assert.rejects(refresh(), /not replaced/);
  assert.equal(readFileSync(target, 'utf8'), ranges(10));
});

test("writes nothing when the answer is no file of AWS's ranges", async (t) => {
  const { served, target, refresh } = await setUp(t);

  served.body = '{"prefixes":[]}';

  await assert.rejects(refresh(), /no file of AWS's ranges/);
  assert.equal(existsSync(target), false);
});
