/**
 * Words of an action's name: `DeleteDBClusterSnapshot` is `Delete DB Cluster Snapshot`. Runs of capitals
 * stay together until the last one that begins a word.
 */
export function wordsOf(name: string): string[] {
  return name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/g) ?? [];
}

/** True when `phrase` (words with spaces) stands in `words` as a sequence of whole words. */
export function hasPhrase(words: readonly string[], phrase: string): boolean {
  return ` ${words.join(' ')} `.toLowerCase().includes(` ${phrase.toLowerCase()} `);
}
