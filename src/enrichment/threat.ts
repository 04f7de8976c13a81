import { z } from 'zod';
import type { AttackKnowledge } from '../knowledge/attack.ts';
import type { TechniqueFacts } from '../knowledge/attack-release.ts';
import { ATTACK_REASONS } from './attack/judge.ts';
import type { AttackEnrichment, TechniqueEnrichment } from './output.ts';

const keywords = (description: string) => z.array(z.string().min(1)).min(1).describe(description);

const namedSchema = (what: string) => ({
  id: keywords(`Ids of the ${what}`),
  name: keywords(`Names of the ${what}, in the order of the ids`),
  reference: keywords(`Pages of the ${what} at attack.mitre.org, in the order of the ids`),
});

/**
 * ECS `threat.*` beside `detrails`: the techniques of medium confidence or more, never of a read.
 *
 * @see https://www.elastic.co/docs/reference/ecs/ecs-threat
 */
export const threatSchema = z
  .strictObject({
    framework: z.literal('MITRE ATT&CK').describe('Whose classification it is'),
    tactic: z.strictObject(namedSchema('tactics')),
    technique: z.strictObject({
      ...namedSchema('techniques'),
      subtechnique: z.strictObject(namedSchema('sub-techniques')).optional(),
    }),
  })
  .describe('Techniques of medium confidence or more, as ECS has them');

export type Threat = z.infer<typeof threatSchema>;

/**
 * The ECS classification of a verdict of `enrichAttack`, or undefined when nothing in it is certain
 * enough. The same verdict gives the same frozen object.
 */
export function threatOf(attack: AttackEnrichment, knowledge: AttackKnowledge): Threat | undefined {
  const known = threatByVerdict.get(attack);
  if (known !== undefined) return known ?? undefined;
  const made = toThreat(attack, knowledge);
  threatByVerdict.set(attack, made ?? null);
  return made;
}

const threatByVerdict = new WeakMap<AttackEnrichment, Threat | null>();

function toThreat(attack: AttackEnrichment, knowledge: AttackKnowledge): Threat | undefined {
  const certain = (attack.techniques ?? []).filter(isCertain);
  if (certain.length === 0) return undefined;
  const facts = certain.map(({ id }) => knowledge.names.find(id)).filter((each) => each !== undefined);
  const subtechniques = facts.filter(({ parent }) => parent !== undefined);
  return Object.freeze({
    framework: 'MITRE ATT&CK',
    tactic: tacticsOf(certain, knowledge),
    technique: Object.freeze({
      ...inParallel(
        facts.map(({ parent, ...own }) => parent ?? own),
        techniquePage,
      ),
      ...(subtechniques.length === 0 ? {} : { subtechnique: inParallel(subtechniques, techniquePage) }),
    }),
  });
}

function isCertain({ confidence, reasons }: TechniqueEnrichment): boolean {
  const isRead = reasons?.includes(ATTACK_REASONS.read) === true;
  return (confidence === 'medium' || confidence === 'high') && !isRead;
}

function tacticsOf(techniques: readonly TechniqueEnrichment[], knowledge: AttackKnowledge) {
  const tactics = techniques
    .flatMap((technique) => technique.tactics)
    .map((shortName) => knowledge.names.tactic(shortName))
    .filter((tactic) => tactic !== undefined);
  return inParallel(tactics, (id) => `https://attack.mitre.org/tactics/${id}/`);
}

/** Three lists in the same order, each id once. */
function inParallel(rows: readonly Pick<TechniqueFacts, 'id' | 'name'>[], pageOf: (id: string) => string) {
  const byId = new Map(rows.map(({ id, name }) => [id, name]));
  return Object.freeze({
    id: frozen([...byId.keys()]),
    name: frozen([...byId.values()]),
    reference: frozen([...byId.keys()].map(pageOf)),
  });
}

function techniquePage(id: string): string {
  return `https://attack.mitre.org/techniques/${id.replace('.', '/')}/`;
}

function frozen(list: string[]): string[] {
  Object.freeze(list);
  return list;
}
