/** How pino knows that a destination wants to be told (`pino.symbols.needsMetadataGsym`). */
const LEVEL_FIRST = Symbol.for('pino.metadata');

/** Where lines go in the end. */
export type LineOutput = {
  write(text: string): unknown;
  /** Writes whatever is still waiting, before it returns. */
  flushSync(): void;
};

/** A destination for pino, which says the level of each line before it writes it. */
export type LogOutput = LineOutput & {
  readonly [LEVEL_FIRST]: true;
  lastLevel: number;
};

/** Longest a line waits for others. */
const WINDOW_MS = 100;
/** Lines that are so long together wait no longer. */
const MOST_GATHERED = 4096;
/** Pino's number for `warn`: from here on lines wait for nobody. */
const WARN = 40;

/**
 * Writes lines together that come close behind each other. Each write wakes a thread and the event loop
 * after it, which costs a busy service as much as enriching two or three records. The first line after a
 * silence, warnings and errors are written at once; of the others a process that is killed loses those of
 * its last tenth of a second.
 *
 * @param output whose `flushSync`, which pino calls at the end of the process, writes what is gathered too
 */
export function gatherLines(output: LineOutput): LogOutput {
  let gathered = '';
  let window: NodeJS.Timeout | undefined;

  const hand = (): void => {
    if (gathered === '') return;
    const text = gathered;
    gathered = '';
    output.write(text);
  };
  const endWindow = (): void => {
    const wasQuiet = gathered === '';
    hand();
    // Lines keep the process alive until they are written, and nothing else does.
    window = wasQuiet ? undefined : setTimeout(endWindow, WINDOW_MS);
  };

  const flushOutput = output.flushSync.bind(output);
  output.flushSync = () => {
    hand();
    flushOutput();
  };
  return {
    [LEVEL_FIRST]: true,
    lastLevel: 0,
    write(line: string): void {
      gathered += line;
      if (window !== undefined && this.lastLevel < WARN && gathered.length < MOST_GATHERED) return;
      hand();
      window ??= setTimeout(endWindow, WINDOW_MS);
    },
    flushSync: () => output.flushSync(),
  };
}
