import { actionRiskOf, type RiskKnowledge } from '../knowledge/risk.ts';
import {
  type ActionEnrichment,
  type AttackEnrichment,
  DAMAGES,
  type Damage,
  type PolicyEnrichment,
  type RiskEnrichment,
} from './output.ts';
import {
  attackContributions,
  dynamicContributions,
  hasDynamicSignal,
  type RiskSignals,
} from './risk/contributions.ts';
import { type Contribution, levelOf, scoreOf } from './risk/formula.ts';
import { LEVEL_BASES, UNKNOWN_BASE } from './risk/weights.ts';

/**
 * The risk of one event: level, score, kinds of damage, services affected, and every reason. The formula
 * stands in `risk/formula.ts`, the weights in `risk/weights.ts`.
 *
 * Without signals beside action and techniques, the same two give the same frozen object.
 */
export function enrichRisk(signals: RiskSignals, risk: RiskKnowledge): RiskEnrichment {
  if (!hasDynamicSignal(signals)) return staticRisk(signals.action, signals.attack, risk);
  const facts = actionFacts(signals.action, signals.attack, risk);
  const contributions = [...attackContributions(signals.attack), ...dynamicContributions(signals)];
  return toRisk(facts, signals.action, contributions, signals.policy);
}

/** What the action alone says. */
export type ActionFacts = {
  readonly base: number;
  readonly damage: ReadonlySet<Damage>;
  readonly services: readonly string[];
  readonly reason: string;
};

/** Services named in the output, at most. */
const MAX_SERVICES = 20;

/** ATT&CK techniques of impairing defenses, in both releases. */
const IMPAIRING = ['T1685', 'T1686', 'T1562', 'T1690'] as const;

/** Base, damage and services of the actions behind an event: of several the highest, and all together. */
export function actionFacts(
  action: ActionEnrichment,
  attack: AttackEnrichment | undefined,
  risk: RiskKnowledge,
): ActionFacts {
  const damage = new Set<Damage>();
  const services = new Set<string>();
  let base = -1;
  let reason = 'no_iam_action';
  for (const name of action.iam ?? []) {
    services.add(name.slice(0, name.indexOf(':')));
    const known = actionRiskOf(risk, name);
    if (known === undefined) continue;
    for (const kind of known.damage) damage.add(kind);
    if (known.base <= base) continue;
    base = known.base;
    reason = known.reason;
  }
  if (base < 0) base = LEVEL_BASES.get(action.access_level ?? '') ?? UNKNOWN_BASE;
  for (const { id } of attack?.techniques ?? [])
    if (IMPAIRING.some((family) => id.startsWith(family))) damage.add('defense_impairment');
  return { base, damage, services: [...services], reason };
}

type StaticVerdicts = WeakMap<ActionEnrichment, WeakMap<AttackEnrichment, RiskEnrichment>>;

const staticByKnowledge = new WeakMap<RiskKnowledge, StaticVerdicts>();

/** Stands for "no techniques" as a key. */
const NO_ATTACK: AttackEnrichment = Object.freeze({ version: '' });

/** The risk of an action and its techniques, without further signals: the same frozen object for the same two. */
export function staticRisk(
  action: ActionEnrichment,
  attack: AttackEnrichment | undefined,
  risk: RiskKnowledge,
): RiskEnrichment {
  const key = attack ?? NO_ATTACK;
  let byAction = staticByKnowledge.get(risk);
  if (byAction === undefined) {
    byAction = new WeakMap();
    staticByKnowledge.set(risk, byAction);
  }
  let byAttack = byAction.get(action);
  const known = byAttack?.get(key);
  if (known !== undefined) return known;
  if (byAttack === undefined) {
    byAttack = new WeakMap();
    byAction.set(action, byAttack);
  }
  const made = frozen(
    toRisk(actionFacts(action, attack, risk), action, attackContributions(attack), undefined),
  );
  byAttack.set(key, made);
  return made;
}

function toRisk(
  facts: ActionFacts,
  action: ActionEnrichment,
  contributions: readonly Contribution[],
  policy: PolicyEnrichment | undefined,
): RiskEnrichment {
  const isAttempt = action.outcome !== 'success';
  const score = scoreOf(facts.base, contributions, isAttempt);
  const damage = damagesOf(facts.damage, policy);
  const services = servicesOf(facts.services, policy);
  return {
    level: levelOf(score),
    score,
    ...(damage.length === 0 ? {} : { damage }),
    ...(services.length === 0 ? {} : { services }),
    reasons: [
      facts.reason,
      ...(isAttempt ? [`${action.outcome}_attempt`] : []),
      ...new Set(contributions.map(({ reason }) => reason)),
    ],
  };
}

/** What the findings of a policy can do, by their type. */
const DAMAGE_BY_FINDING: ReadonlyMap<string, Damage> = new Map([
  ['Admin', 'privilege_escalation'],
  ['PrivilegeEscalation', 'privilege_escalation'],
  ['PublicAccess', 'resource_exposure'],
  ['CrossAccountAccess', 'resource_exposure'],
  ['ResourceExposure', 'resource_exposure'],
  ['DataExfiltration', 'data_exfiltration'],
  ['CredentialsExposure', 'credentials_exposure'],
  ['DefenseImpairment', 'defense_impairment'],
  ['InfrastructureModification', 'infrastructure_modification'],
]);

function damagesOf(own: ReadonlySet<Damage>, policy: PolicyEnrichment | undefined): Damage[] {
  const all = new Set(own);
  for (const { type } of policy?.findings ?? []) {
    const damage = DAMAGE_BY_FINDING.get(type);
    if (damage !== undefined) all.add(damage);
  }
  return DAMAGES.filter((damage) => all.has(damage));
}

function servicesOf(own: readonly string[], policy: PolicyEnrichment | undefined): string[] {
  const all = new Set(own);
  for (const { services = [] } of policy?.findings ?? []) for (const service of services) all.add(service);
  return [...all].slice(0, MAX_SERVICES);
}

/** Shared between events: nobody may change it, and its text is worth keeping. */
function frozen(risk: RiskEnrichment): RiskEnrichment {
  for (const list of [risk.damage, risk.services, risk.reasons]) if (list !== undefined) Object.freeze(list);
  return Object.freeze(risk);
}
