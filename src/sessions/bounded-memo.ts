/**
 * Remembers what a pure function answered, for the texts that come again and again in a batch. Bounded:
 * when full it starts over, which costs one computation each and needs no bookkeeping per look-up.
 */
export function boundedMemo<Result>(
  limit: number,
  compute: (text: string) => Result,
): (text: string) => Result {
  const known = new Map<string, Result>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const result = compute(text);
    if (known.size >= limit) known.clear();
    known.set(text, result);
    return result;
  };
}
