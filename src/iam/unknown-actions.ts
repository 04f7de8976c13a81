import type { ActionExpander } from './expand-actions.ts';
import type { Statement } from './parse-statement.ts';

/** Unknown actions kept per analysis. */
const MAX_UNKNOWN = 64;

/**
 * Lower-case actions and patterns of Allow statements that match nothing the catalog knows: misspelled, or
 * newer than the data. They grant nothing today, and still make two versions differ.
 */
export function unknownActions(
  statements: readonly Statement[],
  expander: ActionExpander,
): { readonly unknown: readonly string[]; readonly isComplete: boolean } {
  const unknown = new Set<string>();
  for (const statement of statements) {
    if (statement.effect !== 'Allow' || statement.isNotAction) continue;
    for (const action of statement.actions) {
      const lower = action.toLowerCase();
      if (!expander.matchesAny(lower)) unknown.add(lower.slice(0, 128));
    }
  }
  const sorted = [...unknown].sort();
  return { unknown: sorted.slice(0, MAX_UNKNOWN), isComplete: sorted.length <= MAX_UNKNOWN };
}
