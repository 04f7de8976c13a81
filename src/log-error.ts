import { ProblemError } from './errors.ts';

/** What the log keeps of an error. */
export type LoggedError = {
  readonly type: string;
  readonly code?: string;
  readonly message?: string;
  readonly stack: readonly string[];
};

const MAX_FRAMES = 20;
const MAX_MESSAGE = 500;
const FRAME = /^ {4}at .*:\d+:\d+\)?$|^ {4}at .*\(<anonymous>\)$/;

/**
 * An error as it may be logged. The messages of JavaScript and of libraries quote what they were given
 * (`Unexpected token 'A', "AKIA..." is not valid JSON`, `Received '...'`), and so may further members of an
 * error; with records in work that would put them into the log. What is kept: the type, the code, where it
 * happened, and the message of our own errors and of system calls.
 */
export function logError(error: unknown): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, stack: [] };
  const { code, syscall } = error as NodeJS.ErrnoException;
  const isOurs = error instanceof ProblemError;
  const frames = framesOf(error.stack ?? '', error.message);
  return {
    type: error.constructor.name,
    ...(typeof code === 'string' && /^[A-Z0-9_]{1,64}$/i.test(code) && { code }),
    ...((isOurs || typeof syscall === 'string') && { message: error.message.slice(0, MAX_MESSAGE) }),
    stack: frames.slice(0, MAX_FRAMES).map((line) => line.trim()),
  };
}

/** A stack starts with the message, which may look like frames itself. */
function framesOf(stack: string, message: string): readonly string[] {
  const start = stack.indexOf(message);
  const behind = start < 0 ? '' : stack.slice(start + message.length);
  return behind.split('\n').filter((line) => FRAME.test(line));
}
