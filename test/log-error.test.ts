import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProblemError } from '../src/errors.ts';
import { logError } from '../src/log-error.ts';

const SECRET = 'FwoGZXIvYXdzEXAMPLETOKEN';

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return assert.fail('it does not throw');
}

test('logs where an error happened, and none of what it quotes', () => {
  const errors = [
    thrownBy(() => JSON.parse(SECRET)),
    thrownBy(() => new URL(SECRET)),
    thrownBy(() => Buffer.from(Symbol(SECRET) as unknown as string)),
    new Error(`first line\n    at ${SECRET}\n${SECRET}`),
    Object.assign(new Error('x'), { body: SECRET, input: SECRET, code: `not a code ${SECRET}` }),
    new Error('x', { cause: SECRET }),
    SECRET,
    { message: SECRET },
  ];
  for (const error of errors) assert.doesNotMatch(JSON.stringify(logError(error)), new RegExp(SECRET));
});

test('keeps type, code and frames, and the words of system calls and of our own errors', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:6379'), {
    code: 'ECONNREFUSED',
    syscall: 'connect',
  });

  assert.equal(logError(refused).message, 'connect ECONNREFUSED 127.0.0.1:6379');
  assert.equal(logError(refused).code, 'ECONNREFUSED');
  assert.equal(logError(new ProblemError('overloaded')).message, 'The admission queue stayed full');
  const defect = logError(thrownBy(() => (undefined as unknown as { x: number }).x));
  assert.equal(defect.type, 'TypeError');
  assert.match(defect.stack[0] ?? '', /log-error\.test/);
});
