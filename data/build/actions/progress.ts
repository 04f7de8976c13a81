/** What a progress bar writes to: the terminal, or anything like it. */
export type ProgressStream = {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
};

const WIDTH = 30;

/** A one-line progress bar on a terminal; silent elsewhere. */
export function progressBar(stream: ProgressStream): (done: number, total: number) => void {
  return (done, total) => {
    if (stream.isTTY !== true) return;
    const filled = Math.round((done / total) * WIDTH);
    const bar = '#'.repeat(filled) + '.'.repeat(WIDTH - filled);
    stream.write(`\r[${bar}] ${done}/${total}${done === total ? '\n' : ''}`);
  };
}
