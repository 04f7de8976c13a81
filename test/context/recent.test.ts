import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Recent } from '../../src/context/recent.ts';

const ANSWER = Object.freeze({});

test('remembers what is in use through a flood of other keys', () => {
  const recent = new Recent<object>(100);
  recent.set('used', ANSWER);
  recent.set('unused', ANSWER);
  for (let at = 0; at < 1000; at++) {
    recent.set(`${at}`, {});
    assert.equal(recent.get('used'), ANSWER);
  }

  assert.equal(recent.get('unused'), undefined);
});

test('holds two generations at most', () => {
  const recent = new Recent<object>(100);
  for (let at = 0; at < 1000; at++) recent.set(`${at}`, ANSWER);

  assert.ok(recent.size > 100 && recent.size <= 200, `${recent.size}`);
});
