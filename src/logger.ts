import { type Logger as PinoLogger, pino } from 'pino';
import { logError } from './log-error.ts';
import { gatherLines } from './log-output.ts';

export type Logger = PinoLogger;

/** Lines kept while the output takes none; what comes on top of them is lost. */
const MAX_PENDING_BYTES = 1024 * 1024;

/**
 * JSON lines on standard output. Bodies, documents and keys never reach the logger; headers that carry
 * credentials are redacted should somebody log a request.
 */
export function createLogger(level: string): Logger {
  const output = pino.destination({ fd: 1, maxLength: MAX_PENDING_BYTES });
  // A disk full of logs is no reason to stop enriching: lines wait for room, and the last ones are lost.
  let isFull = false;
  output.on('error', () => {
    isFull = true;
  });
  output.on('write', () => {
    isFull = false;
  });
  // At the end, and behind a fatal line, the output would try again for ever: nobody could end the process.
  const flushSync = output.flushSync.bind(output);
  output.flushSync = () => {
    if (!isFull) flushSync();
  };
  return pino(
    {
      level,
      timestamp: pino.stdTimeFunctions.isoTime,
      base: null,
      serializers: { err: logError },
      redact: [
        'req.headers.authorization',
        'headers.authorization',
        '*.accessKeyId',
        '*.secretAccessKey',
        '*.sessionToken',
      ],
    },
    gatherLines(output),
  );
}
