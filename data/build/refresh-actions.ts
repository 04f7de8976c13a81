import { fileURLToPath } from 'node:url';
import { Agent } from 'undici';
import { preferSnapshot, readCommittedActions, snapshotPath } from './actions/build.ts';
import { refuseDrop } from './actions/compile.ts';
import { diffActions, formatDiff } from './actions/diff.ts';
import { downloadReference } from './actions/download-reference.ts';
import { DEFAULT_FETCH, type FetchOptions } from './actions/fetch-json.ts';
import { type ProgressStream, progressBar } from './actions/progress.ts';
import { writeSnapshot } from './actions/snapshot.ts';
import { unpackServices } from './actions/source-action.ts';

/** AWS's Service Reference: the list of services and, beside it, a document for each. */
export const SERVICE_REFERENCE_URL = 'https://servicereference.us-east-1.amazonaws.com/';

/** What a refresh needs. */
export type RefreshOptions = {
  readonly root: string;
  readonly baseUrl: string;
  /** ISO 8601 day to write into the snapshot. */
  readonly today: string;
  readonly fetch: FetchOptions;
  readonly progress: ProgressStream;
};

/**
 * Downloads AWS's Service Reference into the pinned snapshot and returns a report of what changed against
 * `data/actions.json`. Writes nothing when a document is missing or broken, has a flag we do not know, or
 * when more actions are gone than a real change would take away.
 */
export async function refreshActions(options: RefreshOptions): Promise<string> {
  const { root, baseUrl, today, fetch, progress } = options;
  const reference = await downloadReference(baseUrl, fetch, progressBar(progress));
  const committed = readCommittedActions(root);
  const before = unpackServices(committed?.services ?? {});
  const listed = new Map([...before].filter(([, row]) => !row.retired));
  const source = { name: 'AWS Service Reference', version: today, date: today, sha256: '' };
  const after = preferSnapshot({ ...reference, source }, listed);
  refuseDrop(after, committed);
  writeSnapshot(snapshotPath(root), baseUrl, today, reference);
  return formatDiff(diffActions(before, after));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const agent = new Agent({ connections: 8 });
  try {
    const report = await refreshActions({
      root: process.cwd(),
      baseUrl: process.argv[2] ?? process.env['SERVICE_REFERENCE_URL'] ?? SERVICE_REFERENCE_URL,
      today: new Date().toISOString().slice(0, 10),
      fetch: { ...DEFAULT_FETCH, dispatcher: agent },
      progress: process.stderr,
    });
    console.log(`${report}\nNow run npm run data:build and review the difference.`);
  } catch (error) {
    console.error(`Nothing was written: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  } finally {
    await agent.close();
  }
}
