import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { ConfigError, isLoopback, loadConfig, OPTIONS, redacted, workerCount } from '../src/config.ts';
import { readCases } from './read-cases.ts';

type Environment = Readonly<Record<string, string>>;

function faultsOf(environment: Environment): readonly string[] {
  try {
    loadConfig(environment);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    for (const fault of error.faults)
      assert.ok(error.message.includes(fault), 'the message names every fault');
    return error.faults;
  }
}

for (const { name, why, input, expected } of readCases<Environment, readonly string[]>('config.json')) {
  test(`reads a configuration with ${name}`, () => {
    const faults = faultsOf(input);

    assert.equal(faults.length, expected.length, `${why}: ${faults.join(' | ')}`);
    for (const [position, part] of expected.entries()) {
      assert.ok(faults[position]?.includes(part), `${faults[position]} names ${part}`);
    }
  });
}

test('has a default for everything, frozen', () => {
  const config = loadConfig({});

  assert.equal(config.DETRAILS_HOST, '127.0.0.1');
  assert.equal(config.DETRAILS_PORT, 8080);
  assert.ok(Object.isFrozen(config));
  assert.deepEqual(Object.keys(config).sort(), Object.keys(OPTIONS).sort());
});

test('takes an empty variable for an absent one', () => {
  assert.deepEqual(
    loadConfig({ DETRAILS_PORT: '', DETRAILS_AUTH: '', DETRAILS_SOMETHING: '' }),
    loadConfig({}),
  );
});

test('reads values by type', () => {
  const config = loadConfig({
    DETRAILS_PORT: '0',
    DETRAILS_WORKERS: 'auto',
    DETRAILS_WORKERS_ALLOW_MEMORY: 'true',
    DETRAILS_CONTEXT_VENDORS: 'false',
    DETRAILS_MAX_RECORDS: '5',
    OTHER: 'ignored',
    detrails_port: 'ignored',
  });

  assert.equal(config.DETRAILS_PORT, 0);
  assert.equal(config.DETRAILS_WORKERS, 'auto');
  assert.equal(config.DETRAILS_CONTEXT_VENDORS, false);
  assert.equal(config.DETRAILS_MAX_RECORDS, 5);
});

test('describes every option', () => {
  for (const [name, schema] of Object.entries(OPTIONS))
    assert.ok((schema.description ?? '').length > 10, name);
});

test('prints no credentials', () => {
  for (const url of [
    'redis://user:s3cret@host:6379/1',
    'rediss://:s3cret@host',
    'redis-cluster://user:s3cret@h1:1,user:s3cret@h2:2',
    'redis-sentinel://:s3cret@h1,h2/master',
    'valkey://user:p@s3cret@host',
    'valkey://user:p/s3cret@host',
    'valkey://user:s3cret/p@s3cret/@host/2',
  ]) {
    const config = loadConfig({ DETRAILS_STORE_URL: url });
    const shown = JSON.stringify(redacted(config));

    assert.doesNotMatch(shown, /s3cret/, url);
    assert.match(shown, /"DETRAILS_STORE_URL":"[a-z-]+:\/\/\*\*\*@/, url);
    assert.equal(config.DETRAILS_STORE_URL, url);
  }
  assert.equal(redacted(loadConfig({}))['DETRAILS_STORE_URL'], '');
});

test('knows which addresses only this machine reaches', () => {
  for (const host of ['localhost', '127.0.0.1', '127.255.0.9', '::1']) assert.ok(isLoopback(host), host);
  for (const host of [
    '0.0.0.0',
    '::',
    '10.0.0.1',
    '127.0.0.1.example.com',
    'localhost.example',
    '128.0.0.1',
  ]) {
    assert.equal(isLoopback(host), false, host);
  }
});

test('counts `auto` as several workers where there are several cores', () => {
  const isSeveral = availableParallelism() > 1;

  assert.equal(faultsOf({ DETRAILS_WORKERS: 'auto' }).length, isSeveral ? 1 : 0);
  const config = loadConfig({ DETRAILS_WORKERS: 'auto', DETRAILS_WORKERS_ALLOW_MEMORY: 'true' });
  assert.equal(workerCount(config), availableParallelism());
  assert.equal(workerCount(loadConfig({})), 1);
});
