import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { buildApp } from '../../src/app.ts';

/** V8 tells how it keeps an object only to code that may use its own syntax. */
setFlagsFromString('--allow-natives-syntax');
const areFast = new Function('return %HasFastProperties(String.prototype)') as () => boolean;

test('the service, with all that it loads, leaves texts as fast as they were', () => {
  assert.equal(typeof buildApp, 'function');
  assert.equal(areFast(), true);
});

test('nor does a class that extends String slow them down later', () => {
  class Slowing extends String {}
  assert.equal(new Slowing('text').length, 4);
  assert.equal(areFast(), true);
});
