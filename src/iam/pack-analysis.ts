import type { ActionSet } from './action-set.ts';
import { decodeSet, encodeSet } from './action-set-codec.ts';
import {
  type Exposure,
  type Grants,
  POLICY_KINDS,
  type PolicyAnalysis,
  type PolicyKnowledge,
  type PolicyStatus,
  type Scope,
} from './analysis.ts';
import { sortFindings } from './finding-builder.ts';
import { freezeGrants } from './freeze-grants.ts';
import { indexOfKnowledge } from './knowledge-index.ts';
import { type PackedFindings, packFindings, unpackFindings } from './pack-findings.ts';
import { highestSeverity } from './severities.ts';

const FORMAT = 1;
const STATUSES: readonly PolicyStatus[] = [
  'analyzed',
  'invalid',
  'too_large',
  'too_complex',
  'not_applicable',
];

/** Key, 1 for wide + 2 for conditional, number of its set, keys of the parts that hold it. */
type PackedScope = readonly [string, number, number, ...within: readonly string[]];

type Packed = {
  readonly f: number;
  readonly h: string;
  readonly s: number;
  readonly k: number;
  readonly r?: string;
  readonly a: 0 | 1;
  readonly p: 0 | 1;
  readonly l: PackedFindings['labels'];
  readonly n: PackedFindings['rows'];
  readonly e?: readonly [
    readonly string[],
    readonly string[],
    readonly string[],
    readonly string[],
    readonly string[],
  ];
  readonly t: readonly string[];
  readonly g: readonly PackedScope[];
  readonly d: readonly PackedScope[];
  readonly u: readonly string[];
  readonly c: 0 | 1;
};

/**
 * An analysis as short text without line feeds, for a store: numbers instead of names, so it means
 * something only with the knowledge it was made with. AdministratorAccess takes about a kilobyte.
 */
export function packAnalysis(analysis: PolicyAnalysis, knowledge: PolicyKnowledge): string {
  const { grants, exposure } = analysis;
  const { catalog, hash } = indexOfKnowledge(knowledge);
  const sets = new SetTable(catalog.size);
  sets.numberOf(grants.direct);
  const findings = packFindings(analysis.findings, sourcesOf(grants), knowledge);
  const packed: Packed = {
    f: FORMAT,
    h: hash,
    s: STATUSES.indexOf(analysis.status),
    k: POLICY_KINDS.indexOf(analysis.kind),
    ...(analysis.reason !== undefined && { r: analysis.reason }),
    a: analysis.isAdmin ? 1 : 0,
    p: analysis.isPublic ? 1 : 0,
    l: findings.labels,
    n: findings.rows,
    ...(exposure !== undefined && {
      e: [
        exposure.accounts,
        exposure.federated,
        exposure.services,
        exposure.organizations,
        exposure.conditions,
      ],
    }),
    g: grants.scopes.map((scope) => packScope(scope, sets)),
    d: grants.denies.map((scope) => packScope(scope, sets)),
    t: sets.texts,
    u: grants.unknown,
    c: grants.complete ? 1 : 0,
  };
  return JSON.stringify(packed);
}

/** The analysis behind {@link packAnalysis}; undefined for any other text, or under other knowledge. */
export function unpackAnalysis(text: string, knowledge: PolicyKnowledge): PolicyAnalysis | undefined {
  try {
    return unpackParsed(JSON.parse(text), knowledge);
  } catch {
    return undefined;
  }
}

/** {@link unpackAnalysis} for a text that was parsed already, as part of a data file. */
export function unpackParsed(parsed: unknown, knowledge: PolicyKnowledge): PolicyAnalysis | undefined {
  try {
    return unpack(parsed as Packed, knowledge);
  } catch {
    return undefined;
  }
}

function unpack(packed: Packed, knowledge: PolicyKnowledge): PolicyAnalysis | undefined {
  const { catalog, hash } = indexOfKnowledge(knowledge);
  const status = STATUSES[packed.s];
  const kind = POLICY_KINDS[packed.k];
  if (packed.f !== FORMAT || packed.h !== hash || status === undefined || kind === undefined)
    return undefined;
  const sets = packed.t.map((text) => decodeSet(text, catalog.size));
  const direct = sets[0];
  const scopes = unpackScopes(packed.g, sets);
  const denies = unpackScopes(packed.d, sets);
  if (direct === undefined || scopes === undefined || denies === undefined) return undefined;
  const grants = freezeGrants(
    {
      catalog: knowledge.catalog.hash,
      direct,
      scopes,
      denies,
      unknown: packed.u.map(String),
      complete: packed.c === 1,
    },
    knowledge.catalog,
  );
  const unsorted = unpackFindings({ labels: packed.l, rows: packed.n }, sourcesOf(grants), knowledge);
  if (unsorted === undefined) return undefined;
  const findings = sortFindings(unsorted);
  const counts: { [type: string]: number } = {};
  for (const { type } of findings) counts[type] = (counts[type] ?? 0) + 1;
  return Object.freeze({
    status,
    ...(packed.r !== undefined && { reason: String(packed.r) }),
    kind,
    riskLevel: highestSeverity(findings),
    isAdmin: packed.a === 1,
    isPublic: packed.p === 1,
    findings,
    counts: Object.freeze(counts),
    ...(packed.e !== undefined && { exposure: unpackExposure(packed.e, packed.p === 1) }),
    grants,
  });
}

/** Numbers equal sets alike. */
class SetTable {
  readonly texts: string[] = [];
  readonly #size: number;
  readonly #known = new Map<ActionSet, number>();
  readonly #numbers = new Map<string, number>();

  constructor(size: number) {
    this.#size = size;
  }

  numberOf(set: ActionSet): number {
    let number = this.#known.get(set);
    if (number === undefined) {
      const text = encodeSet(set, this.#size);
      number = this.#numbers.get(text) ?? this.texts.push(text) - 1;
      this.#numbers.set(text, number);
      this.#known.set(set, number);
    }
    return number;
  }
}

function packScope(scope: Scope, sets: SetTable): PackedScope {
  const flags = (scope.wide ? 1 : 0) + (scope.conditional ? 2 : 0);
  return [scope.key, flags, sets.numberOf(scope.actions), ...scope.within];
}

function unpackScopes(
  packed: readonly PackedScope[],
  sets: readonly (ActionSet | undefined)[],
): readonly Scope[] | undefined {
  const scopes: Scope[] = [];
  for (const [key, flags, number, ...holding] of packed) {
    const actions = sets[number];
    if (actions === undefined) return undefined;
    const within = holding.map(String);
    scopes.push({
      key: String(key),
      wide: (flags & 1) === 1,
      conditional: (flags & 2) === 2,
      actions,
      within,
    });
  }
  return scopes;
}

/** What category findings are cut out of: the direct grants, and those that a condition alone limits. */
function sourcesOf(grants: Grants): { direct: ActionSet; conditional: ActionSet } {
  const conditional = grants.direct.emptied();
  for (const scope of grants.scopes) if (scope.wide && scope.conditional) conditional.addAll(scope.actions);
  return { direct: grants.direct, conditional: conditional.difference(grants.direct) };
}

function unpackExposure(lists: NonNullable<Packed['e']>, isPublic: boolean): Exposure {
  const frozen = (list: readonly string[]): readonly string[] => Object.freeze(list.map(String));
  return Object.freeze({
    public: isPublic,
    accounts: frozen(lists[0]),
    federated: frozen(lists[1]),
    services: frozen(lists[2]),
    organizations: frozen(lists[3]),
    conditions: frozen(lists[4]),
  });
}
