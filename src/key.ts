import { randomBytes } from 'node:crypto';
import { makeKey } from './http/access/make-key.ts';

/**
 * `npm run key -- <name> [scopes]`: prints a new key and its line for the file of `DETRAILS_API_KEYS_FILE`.
 * Nothing is written anywhere: the key is shown once.
 */
function main([name, scopes = 'enrich']: readonly string[]): number {
  if (name === undefined) {
    process.stderr.write('usage: npm run key -- <name> [enrich,read,import,metrics]\n');
    return 2;
  }
  const made = makeKey(name, scopes, randomBytes(32));
  if ('faults' in made) {
    process.stderr.write(`${made.faults.join('\n')}\n`);
    return 2;
  }
  process.stdout.write(
    `key, for whoever calls (it is shown only now):\n  ${made.key}\nline, for DETRAILS_API_KEYS_FILE:\n  ${made.line}\n`,
  );
  return 0;
}

process.exitCode = main(process.argv.slice(2));
