import { parentPort, workerData } from 'node:worker_threads';
import { parseCompanyFile } from './parse-company-file.ts';

/*
 * The thread that reads a large company file: half a second for 10,000 networks, in which the main thread
 * goes on answering requests.
 */
const { text, format } = workerData as { readonly text: string; readonly format: 'yaml' | 'json' };
parentPort?.postMessage(parseCompanyFile(text, format));
