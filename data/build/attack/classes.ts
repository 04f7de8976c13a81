import type { ConditionRow, TechniqueRow } from '../../../src/knowledge/attack-file.ts';
import { hasPhrase, wordsOf } from './words.ts';

/** A class rule of `classes.json`. */
export type ClassRule = {
  readonly id: string;
  readonly levels: readonly string[];
  /** Key of `services`: the IAM prefixes it is for; absent means all. */
  readonly services?: string;
  /** Key of `verbs`: the name must begin with one of them. */
  readonly verbs?: string;
  /** One of these phrases must stand in the name. */
  readonly any?: readonly string[];
  /** None of these phrases may. */
  readonly not?: readonly string[];
  /** An action it must depend on, such as `iam:PassRole`. */
  readonly depends_on?: string;
  readonly techniques: readonly { id: string; when?: readonly ConditionRow[]; reason?: string }[];
  readonly why: string;
};

export type ClassesFile = {
  readonly about: string;
  readonly services: { readonly [name: string]: string };
  readonly verbs: { readonly [name: string]: string };
  readonly rules: readonly ClassRule[];
};

/** What a rule looks at. */
export type Candidate = {
  readonly prefix: string;
  readonly name: string;
  readonly level: string;
  readonly dependents: readonly string[];
};

/** The first rule that fits an action, as a function. */
export function classifier(file: ClassesFile): (candidate: Candidate) => ClassRule | undefined {
  const services = setsOf(file.services);
  const verbs = setsOf(file.verbs);
  return ({ prefix, name, level, dependents }) => {
    const words = wordsOf(name);
    return file.rules.find(
      (rule) =>
        rule.levels.includes(level) &&
        (rule.services === undefined || setNamed(services, rule.services).has(prefix)) &&
        (rule.verbs === undefined || beginsWithVerb(words, setNamed(verbs, rule.verbs))) &&
        (rule.depends_on === undefined || dependents.includes(rule.depends_on)) &&
        (rule.any === undefined || rule.any.some((phrase) => hasPhrase(words, phrase))) &&
        !(rule.not ?? []).some((phrase) => hasPhrase(words, phrase)),
    );
  };
}

/** The rule's techniques as rows of the data file: all `derived`. */
export function techniqueRowsOf(rule: ClassRule): TechniqueRow[] {
  return rule.techniques.map(({ id, when, reason }) => ({
    id,
    confidence: 'derived',
    ...(when === undefined ? {} : { when }),
    reason: reason ?? rule.id,
  }));
}

function setsOf(lists: { readonly [name: string]: string }): Map<string, Set<string>> {
  return new Map(Object.entries(lists).map(([name, list]) => [name, new Set(list.split(' '))]));
}

function setNamed(sets: ReadonlyMap<string, Set<string>>, name: string): Set<string> {
  const set = sets.get(name);
  if (set === undefined) throw new Error(`classes.json: no list named ${name}`);
  return set;
}

/** `BatchDelete` is two words of a name but one verb. */
function beginsWithVerb(words: readonly string[], verbs: ReadonlySet<string>): boolean {
  const [first = '', second = ''] = words;
  return verbs.has(first) || verbs.has(first + second);
}
