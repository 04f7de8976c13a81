import type { ServerResponse } from 'node:http';
import type { onRequestHookHandler } from 'fastify';
import type { Admission } from './admission.ts';

/** Bodies up to this share of the bound (16 KiB of 512 MiB) never wait behind large ones. */
const SMALL_SHARE = 1 / 32_768;

/** Bytes up to which a body is let in without counting. */
function smallBytesOf(admission: Admission): number {
  return Math.floor(admission.maxBytes * SMALL_SHARE);
}

/** Gives back the room of a request before its answer is over. */
type Leave = () => void;

const NOTHING_TO_LEAVE: Leave = () => {};

/**
 * Lets a body in when nobody has to wait for it: it keeps its room until its answer is over.
 *
 * @param declared bytes of the body
 * @returns undefined when there is no room now
 */
export function admitAtOnce(
  admission: Admission,
  declared: number,
  answer: ServerResponse,
): Leave | undefined {
  if (declared <= smallBytesOf(admission)) return NOTHING_TO_LEAVE;
  if (!admission.tryEnter(declared)) return undefined;
  const leave = (): void => admission.leave(declared);
  answer.once('close', leave);
  return () => {
    answer.off('close', leave);
    leave();
  };
}

/** A hook that lets a body in when there is room for its bytes; while it waits its socket is not read. */
export function admitByBytes(admission: Admission, maxBodyBytes: number): onRequestHookHandler {
  return (request, reply, done) => {
    const declared = Number(request.headers['content-length']);
    const bytes = Math.min(Number.isFinite(declared) ? declared : maxBodyBytes, maxBodyBytes);
    if (admitAtOnce(admission, bytes, reply.raw) !== undefined) {
      done();
      return;
    }
    const giveUp = admission.enter(bytes, (problem) => {
      reply.raw.off('close', giveUp);
      if (problem === undefined) reply.raw.once('close', () => admission.leave(bytes));
      done(problem);
    });
    reply.raw.once('close', giveUp);
  };
}
