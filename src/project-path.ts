import { fileURLToPath } from 'node:url';

/**
 * The absolute path of a file of the project, from wherever this module runs: `src/`, the build in
 * `dist/`, or the test build in `.build/src/`.
 */
export function projectPath(name: string): string {
  const up = import.meta.url.includes('/.build/') ? '../../' : '../';
  return fileURLToPath(new URL(up + name, import.meta.url));
}
