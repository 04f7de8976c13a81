import type { Dataset } from './actions.ts';
import { type Condition, compileCondition } from './attack-condition.ts';
import type { AccessTier, AttackFile, ChangeRow, TechniqueRow, TechniquesFile } from './attack-file.ts';
import { CONFIDENCES } from './attack-file.ts';
import { type ReleaseNames, releaseNames, type TechniqueFacts } from './attack-release.ts';
import { readDataFile } from './data-file.ts';
import { MAX_LENGTH, serviceLabel, stripApiDate } from './resolve-operation.ts';

/** Releases of ATT&CK Enterprise that the mapping can be told in. */
export const ATTACK_VERSIONS = ['19.1', '18.1'] as const;
export type AttackVersion = (typeof ATTACK_VERSIONS)[number];

/** A change of confidence, compiled; `to` is an index into `CONFIDENCES`. */
export type ConfidenceChange = {
  readonly to: number;
  readonly reason: string;
  readonly when: readonly Condition[];
};

/** One technique of an operation, compiled for the configured release. */
export type MappedTechnique = {
  readonly facts: TechniqueFacts;
  readonly tactics: readonly string[];
  /** Index into `CONFIDENCES`. */
  readonly confidence: number;
  readonly when: readonly Condition[];
  readonly reason: string | undefined;
  readonly raise: readonly ConfidenceChange[];
  readonly lower: readonly ConfidenceChange[];
  readonly keepsServices: boolean;
  readonly isSignalOfFailure: boolean;
  readonly evidence: readonly string[];
};

/** What an operation may be; compiled once, so an object to hang verdicts on. */
export type AttackEntry = {
  readonly access: AccessTier;
  readonly techniques: readonly MappedTechnique[];
  /** True when no technique depends on the record's content. */
  readonly isStatic: boolean;
  /** True when a technique is told even of what AWS does by itself. */
  readonly keepsServices: boolean;
  /** Class rule the entry comes from; absent for reviewed ones. */
  readonly classId: string | undefined;
};

/** The mapping from operations to techniques, in one release of ATT&CK. */
export type AttackKnowledge = {
  readonly release: AttackVersion;
  readonly names: ReleaseNames;
  readonly dataset: Dataset;
  /** Reviewed operations and class rules, by event source and name without API date. */
  readonly events: ReadonlyMap<string, ReadonlyMap<string, AttackEntry>>;
  /** Class rules by IAM action in AWS's spelling: the long tail. */
  readonly actions: ReadonlyMap<string, AttackEntry>;
};

/** Loads `data/attack.json` and `data/techniques.json` for a release; once, at start. */
export function loadAttack(version: AttackVersion = '19.1'): AttackKnowledge {
  const mapping = readDataFile('attack.json') as AttackFile;
  return attackFromFiles(mapping, readDataFile('techniques.json') as TechniquesFile, version);
}

/** {@link AttackKnowledge} over the contents of the files. Throws for files of another format. */
export function attackFromFiles(
  file: AttackFile,
  techniques: TechniquesFile,
  version: AttackVersion,
): AttackKnowledge {
  if (file.format !== 1 || techniques.format !== 1)
    throw new Error('data/attack.json or data/techniques.json has a format this version cannot read');
  const names = releaseNames(techniques, version);
  const classes = new Map(
    Object.entries(file.classes).map(([id, rows]) => [id, compileEntry('write', rows, names, id)]),
  );
  return {
    release: version,
    names,
    dataset: Object.freeze({ name: 'attack', version: file.version, date: file.version, hash: file.hash }),
    events: eventsOf(file, names, classes),
    actions: actionsOf(file, classes),
  };
}

/**
 * The entry of an operation: a reviewed one by event source and name (with or without API date), else the
 * class rule of one of its IAM actions. Two map lookups when the record spells them as AWS does.
 */
export function attackEntryOf(
  attack: AttackKnowledge,
  source: string | undefined,
  name: string | undefined,
  iam: readonly string[] | undefined,
): AttackEntry | undefined {
  if (source === undefined || name === undefined) return undefined;
  const known = attack.events.get(source)?.get(name) ?? lookUpAgain(attack, source, name);
  if (known !== undefined || iam === undefined) return known;
  for (const action of iam) {
    const entry = attack.actions.get(action);
    if (entry !== undefined) return entry;
  }
  return undefined;
}

/** Which of an operation's conditions hold is kept in one small integer. */
const MAX_CONDITIONS = 24;

/** Other partitions' hosts and dated names; everything else was answered by the first lookup. */
function lookUpAgain(attack: AttackKnowledge, source: string, name: string): AttackEntry | undefined {
  const isDated = isDigit(name.charCodeAt(name.length - 1));
  if (!isDated && source.endsWith('.amazonaws.com')) return undefined;
  if (source.length > MAX_LENGTH || name.length > MAX_LENGTH) return undefined;
  return attack.events.get(`${serviceLabel(source)}.amazonaws.com`)?.get(stripApiDate(name));
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function eventsOf(
  file: AttackFile,
  names: ReleaseNames,
  classes: ReadonlyMap<string, AttackEntry>,
): Map<string, Map<string, AttackEntry>> {
  const events = new Map<string, Map<string, AttackEntry>>();
  for (const [label, rows] of Object.entries(file.operations)) {
    const byName = new Map<string, AttackEntry>();
    for (const [id, list] of Object.entries(rows)) {
      const entry = classes.get(id);
      if (entry !== undefined) for (const name of list.split(' ')) byName.set(name, entry);
    }
    events.set(`${label}.amazonaws.com`, byName);
  }
  for (const [source, rows] of Object.entries(file.events)) {
    const byName = events.get(source) ?? new Map<string, AttackEntry>();
    for (const [name, row] of Object.entries(rows))
      byName.set(name, compileEntry(row.access, row.techniques, names, undefined));
    events.set(source, byName);
  }
  return events;
}

function actionsOf(file: AttackFile, classes: ReadonlyMap<string, AttackEntry>): Map<string, AttackEntry> {
  const actions = new Map<string, AttackEntry>();
  for (const [prefix, rows] of Object.entries(file.actions)) {
    for (const [id, list] of Object.entries(rows)) {
      const entry = classes.get(id);
      if (entry !== undefined) for (const name of list.split(' ')) actions.set(`${prefix}:${name}`, entry);
    }
  }
  return actions;
}

function compileEntry(
  access: AccessTier,
  rows: readonly TechniqueRow[],
  names: ReleaseNames,
  classId: string | undefined,
): AttackEntry {
  const techniques = rows.map((row) => compileTechnique(row, names));
  const conditions = techniques.reduce((sum, { raise, lower }) => sum + 1 + raise.length + lower.length, 0);
  if (conditions > MAX_CONDITIONS)
    throw new Error('data/attack.json gives one operation too many conditions');
  return Object.freeze({
    access,
    techniques,
    isStatic: techniques.every(
      ({ when, raise, lower }) => when.length === 0 && raise.length === 0 && lower.length === 0,
    ),
    keepsServices: techniques.some(({ keepsServices }) => keepsServices),
    classId,
  });
}

function compileTechnique(row: TechniqueRow, names: ReleaseNames): MappedTechnique {
  const facts = names.technique(row.id);
  return {
    facts,
    tactics: row.tactics === undefined ? facts.tactics : names.tacticsOf(facts, row.tactics),
    confidence: CONFIDENCES.indexOf(row.confidence),
    when: (row.when ?? []).map(compileCondition),
    reason: row.reason,
    raise: (row.raise ?? []).map(compileChange),
    lower: (row.lower ?? []).map(compileChange),
    keepsServices: row.gate?.service === 'keep',
    isSignalOfFailure: row.gate?.failure === 'signal',
    evidence: row.evidence ?? [],
  };
}

function compileChange({ to, reason, when }: ChangeRow): ConfidenceChange {
  return { to: CONFIDENCES.indexOf(to), reason, when: when.map(compileCondition) };
}
