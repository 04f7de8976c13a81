import { ActionSet } from './action-set.ts';
import { DAMAGE_KINDS, type DamageKind, type FindingType, type PolicyKnowledge } from './analysis.ts';
import { type CatalogIndex, indexOfCatalog } from './catalog-index.ts';

/** Types of finding that are one set of actions each, with the damage that makes it. */
export const CATEGORY_DAMAGE = {
  ResourceExposure: 'resource_exposure',
  CredentialsExposure: 'credentials_exposure',
  DataExfiltration: 'data_exfiltration',
  DefenseImpairment: 'defense_impairment',
  InfrastructureModification: 'infrastructure_modification',
} as const satisfies { readonly [type in FindingType]?: DamageKind };
export type CategoryType = keyof typeof CATEGORY_DAMAGE;
export const CATEGORY_TYPES = Object.keys(CATEGORY_DAMAGE) as readonly CategoryType[];

/** What is derived once from the knowledge and used by every analysis. */
export type KnowledgeIndex = {
  readonly catalog: CatalogIndex;
  readonly categories: { readonly [type in CategoryType]: ActionSet };
  /** Actions that can do more than change infrastructure. */
  readonly sensitive: ActionSet;
  /** Current actions of IAM itself: no administrator lacks them. */
  readonly identity: ActionSet;
  readonly passRole: number | undefined;
  /** Bound to names, risk and paths: an analysis packed under one hash means nothing under another. */
  readonly hash: string;
};

const indexes = new WeakMap<PolicyKnowledge, KnowledgeIndex>();

/** The index of some knowledge, made at its first use. */
export function indexOfKnowledge(knowledge: PolicyKnowledge): KnowledgeIndex {
  let index = indexes.get(knowledge);
  if (index === undefined) {
    index = buildIndex(knowledge);
    indexes.set(knowledge, index);
  }
  return index;
}

function buildIndex(knowledge: PolicyKnowledge): KnowledgeIndex {
  const catalog = indexOfCatalog(knowledge.catalog);
  const { damage } = knowledge.risk;
  const actionsWith = (mask: number): ActionSet => {
    const set = ActionSet.empty(catalog.size);
    for (let id = 0; id < catalog.size; id++) if (((damage[id] ?? 0) & mask) !== 0) set.add(id);
    return set;
  };
  const bit = (kind: DamageKind): number => 1 << DAMAGE_KINDS.indexOf(kind);
  const identity = ActionSet.empty(catalog.size);
  const [first, end] = knowledge.catalog.services.get('iam') ?? [0, 0];
  identity.addRange(first, end);
  return {
    catalog,
    categories: {
      ResourceExposure: actionsWith(bit(CATEGORY_DAMAGE.ResourceExposure)),
      CredentialsExposure: actionsWith(bit(CATEGORY_DAMAGE.CredentialsExposure)),
      DataExfiltration: actionsWith(bit(CATEGORY_DAMAGE.DataExfiltration)),
      DefenseImpairment: actionsWith(bit(CATEGORY_DAMAGE.DefenseImpairment)),
      InfrastructureModification: actionsWith(bit(CATEGORY_DAMAGE.InfrastructureModification)),
    },
    sensitive: actionsWith(0xff & ~bit('infrastructure_modification')),
    identity: identity.intersection(catalog.current),
    passRole: knowledge.catalog.idOf('iam:passrole'),
    hash: `${knowledge.catalog.hash}-${knowledge.risk.hash}-${hashPaths(knowledge)}`,
  };
}

/** FNV-1a over the paths: it tells editions apart and protects nothing. */
function hashPaths(knowledge: PolicyKnowledge): string {
  let hash = 0x811c9dc5;
  for (const path of knowledge.escalationPaths) {
    for (const char of `${path.id} ${path.actions.join()} ${path.conditional} ${path.passedTo ?? ''};`) {
      hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
    }
  }
  return hash.toString(36);
}
