import { Worker } from 'node:worker_threads';
import { type CompanyFile, parseCompanyFile } from './parse-company-file.ts';

/** Text up to this length is read where it stands, in a few milliseconds; a thread costs more. */
const SMALL_FILE = 32 * 1024;

/** The extension this code runs with: sources under type stripping, or the build. */
const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js';

/** {@link parseCompanyFile}, a large file in a thread of its own. Never rejects. */
export function parseOffThread(text: string, format: 'yaml' | 'json'): Promise<CompanyFile> {
  if (text.length <= SMALL_FILE) return Promise.resolve(parseCompanyFile(text, format));
  return new Promise((resolve) => {
    const worker = new Worker(new URL(`./company-worker.${EXTENSION}`, import.meta.url), {
      workerData: { text, format },
      resourceLimits: { maxOldGenerationSizeMb: 1024 },
    });
    const failed: CompanyFile = { ok: false, faults: [{ line: 1, path: '', message: 'cannot be read' }] };
    worker.once('message', (file: CompanyFile) => resolve(file));
    worker.once('error', () => resolve(failed));
    // After a message this changes nothing; without one the thread died before it could tell.
    worker.once('exit', () => resolve(failed));
  });
}
