/** One measured figure. Ratios say more than times: other users share the machine. */
export type Figure = {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly note?: string;
};

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
