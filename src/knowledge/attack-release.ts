import type { TacticRow, TechniquesFile } from './attack-file.ts';

/** A technique as one release of ATT&CK names it. */
export type TechniqueFacts = {
  readonly id: string;
  readonly name: string;
  /** Tactic short names, such as `persistence`. */
  readonly tactics: readonly string[];
  /** The technique a sub-technique belongs to. */
  readonly parent: { readonly id: string; readonly name: string } | undefined;
};

/** Names of techniques and tactics in one release. */
export type ReleaseNames = {
  /** Of an id of the newest release; throws for one the data does not hold (a programmer's error). */
  technique(id: string): TechniqueFacts;
  /** Of an id of this release, or undefined. */
  find(id: string): TechniqueFacts | undefined;
  tactic(shortName: string): TacticRow | undefined;
  /** Which of a technique's tactics a list of the newest release's names stands for; all when none. */
  tacticsOf(facts: TechniqueFacts, newest: readonly string[]): readonly string[];
};

/** Tactics that release 19 made of "defense evasion". */
const FORMER_DEFENSE_EVASION: ReadonlySet<string> = new Set(['stealth', 'defense-impairment']);

/**
 * Names of a release. Release 19 revoked T1562 and its children in favor of T1685 and T1686, and split the
 * tactic "defense evasion" in two; release 18.1 is told in the old ids and names.
 *
 * @see https://attack.mitre.org/resources/updates/
 */
export function releaseNames(file: TechniquesFile, release: string): ReleaseNames {
  const tactics = new Map(Object.entries(file.releases[release]?.tactics ?? {}));
  const byNewestId = new Map<string, TechniqueFacts>();
  const byId = new Map<string, TechniqueFacts>();
  for (const id of Object.keys(file.techniques)) {
    const facts = factsOf(file, id, release);
    byNewestId.set(id, facts);
    byId.set(facts.id, facts);
  }
  return {
    technique(id) {
      const facts = byNewestId.get(id);
      if (facts === undefined) throw new Error(`data/techniques.json lacks ${id}`);
      return facts;
    },
    find: (id) => byId.get(id),
    tactic: (shortName) => tactics.get(shortName),
    tacticsOf(facts, newest) {
      const chosen = facts.tactics.filter((tactic) => newest.some((name) => isSameTactic(tactic, name)));
      return chosen.length === 0 ? facts.tactics : Object.freeze(chosen);
    },
  };
}

function factsOf(file: TechniquesFile, id: string, release: string): TechniqueFacts {
  const row = file.techniques[id];
  const old = release === '18.1' ? row?.v18 : undefined;
  const ownId = old?.id ?? id;
  const parentId = id.includes('.') ? id.slice(0, id.indexOf('.')) : undefined;
  return Object.freeze({
    id: ownId,
    name: old?.name ?? row?.name ?? id,
    tactics: Object.freeze([...(old?.tactics ?? row?.tactics ?? [])]),
    parent: ownId.includes('.') ? parentOf(file, ownId, parentId, release) : undefined,
  });
}

/** The parent by the release's own numbering: T1562.001 of 18.1 became T1685, which has none. */
function parentOf(
  file: TechniquesFile,
  ownId: string,
  newestParent: string | undefined,
  release: string,
): { readonly id: string; readonly name: string } {
  const id = ownId.slice(0, ownId.indexOf('.'));
  const named = file.parents[release]?.[id];
  const newest = newestParent === undefined ? undefined : file.techniques[newestParent];
  return Object.freeze({ id, name: named ?? newest?.name ?? id });
}

function isSameTactic(tactic: string, newest: string): boolean {
  return tactic === newest || (tactic === 'defense-evasion' && FORMER_DEFENSE_EVASION.has(newest));
}
