import { createHash } from 'node:crypto';
import { DAMAGE_KINDS, type DamageKind, type RiskCategories } from '../iam/analysis.ts';
import type { ActionCatalog } from '../iam/catalog.ts';
import { readDataFile } from './data-file.ts';

/** AWS's access levels in the order of `ActionCatalog.levels`. */
const LEVELS = ['List', 'Read', 'Tagging', 'Write', 'Permissions management'] as const;
type Level = (typeof LEVELS)[number];

/** A set of actions that do the same damage for the same reason. */
export type RiskClass = {
  readonly reason: string;
  readonly damage: readonly DamageKind[];
  /** Risk of one successful call, 0 to 100. */
  readonly base: number;
  /** `service:Action`, ascending. */
  readonly actions: readonly string[];
};

/** `data/risk.json`. */
export type RiskFile = {
  readonly about: string;
  /** What an action does by its access level alone. */
  readonly levels: { readonly [level in Level]: Omit<RiskClass, 'actions'> };
  /** What the beginning of a name adds to its level. */
  readonly verbs: readonly {
    readonly beginnings: readonly string[];
    readonly levels: readonly string[];
    readonly base: number;
    readonly reason: string;
  }[];
  /** Actions of level `Permissions management` that change nobody's access. */
  readonly not_exposure: { readonly reads: readonly string[]; readonly writes: readonly string[] };
  readonly classes: readonly RiskClass[];
};

/** Loads `data/risk.json` for a catalog; once, at start. */
export function loadRiskCategories(catalog: ActionCatalog): RiskCategories {
  return riskCategoriesFromFile(readDataFile('risk.json') as RiskFile, catalog);
}

/**
 * The damage, base risk and reason of every action. Damages of its level and of all its classes add up;
 * base and reason are those of its class with the highest base (the first of them on a tie), or of its
 * level when it is in no class: a class may well say that a Write is an everyday call.
 */
export function riskCategoriesFromFile(file: RiskFile, catalog: ActionCatalog): RiskCategories {
  const size = catalog.names.length;
  const damage = new Uint8Array(size);
  const base = new Uint8Array(size);
  const reason = new Uint8Array(size);
  const classed = new Uint8Array(size);
  const reasonCodes = ['none'];

  for (let id = 0; id < size; id++) {
    const level = LEVELS[catalog.levels[id] ?? 0] ?? 'List';
    apply(id, file.levels[level]);
    for (const verb of file.verbs) {
      const name = (catalog.names[id] ?? '').slice((catalog.names[id] ?? '').indexOf(':') + 1);
      if (verb.levels.includes(level) && verb.beginnings.some((beginning) => name.startsWith(beginning))) {
        apply(id, { ...verb, damage: [] });
      }
    }
  }
  for (const name of file.not_exposure.reads) reset(name, file.levels.Read);
  for (const name of file.not_exposure.writes) reset(name, file.levels.Write);
  for (const entry of file.classes) {
    for (const name of entry.actions) {
      const id = catalog.idOf(name.toLowerCase());
      if (id === undefined) continue;
      if (classed[id] === 0) reason[id] = 0;
      classed[id] = 1;
      apply(id, entry);
    }
  }
  const hash = createHash('sha256').update(damage).update(base).update(reason).update(reasonCodes.join());
  return { damage, base, reason, reasonCodes, hash: hash.digest('hex').slice(0, 12) };

  function apply(id: number, entry: Omit<RiskClass, 'actions'>): void {
    damage[id] = (damage[id] ?? 0) | damageMask(entry.damage);
    if (reason[id] !== 0 && entry.base <= (base[id] ?? 0)) return;
    base[id] = entry.base;
    reason[id] = codeOf(entry.reason);
  }

  function reset(name: string, entry: Omit<RiskClass, 'actions'>): void {
    const id = catalog.idOf(name.toLowerCase());
    if (id === undefined) return;
    damage[id] = 0;
    reason[id] = 0;
    apply(id, entry);
  }

  function codeOf(code: string): number {
    const known = reasonCodes.indexOf(code);
    return known === -1 ? reasonCodes.push(code) - 1 : known;
  }
}

/** The bit mask of some kinds of damage, bit i for `DAMAGE_KINDS[i]`. */
export function damageMask(kinds: readonly DamageKind[]): number {
  return kinds.reduce((mask, kind) => mask | (1 << DAMAGE_KINDS.indexOf(kind)), 0);
}
