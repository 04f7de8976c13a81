import { type Actions, type Dataset, loadActions } from './knowledge/actions.ts';
import { type AttackKnowledge, type AttackVersion, loadAttack } from './knowledge/attack.ts';
import { readDataFile } from './knowledge/data-file.ts';

/** Everything that is loaded from `data/` at start, and never changes while the process lives. */
export type Knowledge = {
  readonly actions: Actions;
  readonly attack: AttackKnowledge;
  /** Parsed `data/tools.json` and `data/vendors.json`, for the context. */
  readonly context: { readonly tools: unknown; readonly vendors: unknown };
  readonly datasets: readonly Dataset[];
};

/** Loads the knowledge. Throws when a file is missing or of another format: better at start than later. */
export function loadKnowledge(attackVersion: AttackVersion): Knowledge {
  const actions = loadActions();
  const attack = loadAttack(attackVersion);
  return {
    actions,
    attack,
    context: { tools: readDataFile('tools.json'), vendors: readDataFile('vendors.json') },
    datasets: [actions.dataset, attack.dataset],
  };
}
