import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import type { ProblemError } from '../../src/errors.ts';
import { readBody } from '../../src/http/read-body.ts';

type Outcome = { readonly code: string | undefined; readonly text: string | undefined };

const PIECES = ['one ', 'two ', 'three'];
const WHOLE = PIECES.join('');

for (const { name, pieces, declared } of [
  { name: 'one piece of declared length', pieces: [WHOLE], declared: WHOLE.length },
  { name: 'several pieces of declared length', pieces: PIECES, declared: WHOLE.length },
  { name: 'several pieces of unknown length', pieces: PIECES, declared: Number.NaN },
  { name: 'more than was declared', pieces: PIECES, declared: 5 },
  { name: 'less than was declared', pieces: PIECES, declared: 500 },
]) {
  test(`reads ${name} as it came`, async () => {
    const { code, text } = await outcomeOf(declared, 1000, (payload) => {
      for (const piece of pieces) payload.write(piece);
      payload.end();
    });

    assert.equal(code, undefined);
    assert.equal(text, WHOLE);
  });
}

test('reads nothing as nothing', async () => {
  assert.deepEqual(await outcomeOf(0, 1000, (payload) => payload.end()), { code: undefined, text: '' });
});

test('refuses a declared length above the bound without reading', async () => {
  assert.equal((await outcomeOf(1001, 1000, () => {})).code, 'too_large');
});

test('refuses what turns out to be larger than the bound, once', async () => {
  const outcome = await outcomeOf(Number.NaN, 10, (payload) => {
    for (const piece of PIECES) payload.write(piece);
    payload.end();
  });

  assert.equal(outcome.code, 'too_large');
});

test('calls a body that broke off malformed', async () => {
  const outcome = await outcomeOf(100, 1000, (payload) => {
    payload.write('half');
    payload.destroy(new Error('aborted'));
  });

  assert.equal(outcome.code, 'malformed_request');
});

/** What comes of a body; a second answer fails the test. */
async function outcomeOf(
  declared: number,
  maxBytes: number,
  send: (payload: PassThrough) => void,
): Promise<Outcome> {
  const payload = new PassThrough();
  const outcomes: Outcome[] = [];
  const answered = new Promise<void>((resolve) => {
    readBody(payload as unknown as IncomingMessage, declared, maxBytes, Buffer.alloc, (problem, body) => {
      outcomes.push({ code: (problem as ProblemError | null)?.code, text: body?.toString() });
      resolve();
    });
  });
  send(payload);
  await answered;
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(outcomes.length, 1);
  return outcomes[0] as Outcome;
}
