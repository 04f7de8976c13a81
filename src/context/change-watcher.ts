import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';

/** Stops watching. */
export type StopWatching = () => void;

/** Several writes in a row are one change. */
const SETTLE_MS = 50;

/**
 * Calls `onChange` when something in the files' folders changes, and every `pollMs` in any case: a mounted
 * volume or a network file system may tell of no change at all. Folders are watched rather than files,
 * for a ConfigMap's files are links that stay the same while the folder behind them is replaced. Keeps no
 * process alive.
 */
export function watchForChanges(
  files: readonly string[],
  pollMs: number,
  onChange: () => void,
): StopWatching {
  let settling: NodeJS.Timeout | undefined;
  const settle = (): void => {
    settling ??= setTimeout(() => {
      settling = undefined;
      onChange();
    }, SETTLE_MS).unref();
  };
  const watchers = [...new Set(files.map((file) => dirname(file)))].flatMap((folder) =>
    watchFolder(folder, settle),
  );
  const poll = setInterval(onChange, pollMs).unref();
  return () => {
    clearInterval(poll);
    clearTimeout(settling);
    for (const watcher of watchers) watcher.close();
  };
}

/** None when the folder cannot be watched (no inotify left, no such folder): polling still finds changes. */
function watchFolder(folder: string, onEvent: () => void): readonly FSWatcher[] {
  try {
    const watcher = watch(folder, { persistent: false }, onEvent);
    watcher.on('error', () => watcher.close());
    return [watcher];
  } catch {
    return [];
  }
}
