/** One measured figure. Ratios say more than times: other users share the machine. */
export type Figure = {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly note?: string;
};

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** @param share 0 to 1 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Stands for a scenario that cannot run here. */
export function skipped(reason: string): Figure {
  return { name: 'skipped', value: Number.NaN, unit: '', note: reason };
}

/** Tells whoever waits; results go to standard output. */
export function progress(text: string): void {
  process.stderr.write(`  ${text}\n`);
}
