import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The path of a program, or undefined where it is not installed. */
export function findProgram(name: string): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((directory) => join(directory, name))
    .find(isExecutable);
}

/**
 * False when a program is there; else why tests that need it are skipped. With the environment variable
 * `required` set to 1, a missing program is a failure.
 */
export function skipWithout(program: string | undefined, name: string, required: string): string | false {
  if (program !== undefined) return false;
  assert.notEqual(process.env[required], '1', `${name} is required`);
  return `${name} is not installed`;
}

/** Runs a program to its end, a minute at most, and returns what it printed. Fails when it fails. */
export function runProgram(program: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    timeout: 60_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  assert.equal(error, undefined);
  assert.equal(status, 0, `${program} ${args.join(' ')}\n${stdout}\n${stderr}`);
  return stdout;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
