import { type Logger as PinoLogger, pino } from 'pino';

export type Logger = PinoLogger;

/**
 * JSON lines on standard output. Bodies, documents and keys never reach the logger; headers that carry
 * credentials are redacted should somebody log a request.
 */
export function createLogger(level: string): Logger {
  return pino({
    level,
    timestamp: pino.stdTimeFunctions.isoTime,
    base: null,
    redact: [
      'req.headers.authorization',
      'headers.authorization',
      '*.accessKeyId',
      '*.secretAccessKey',
      '*.sessionToken',
    ],
  });
}
