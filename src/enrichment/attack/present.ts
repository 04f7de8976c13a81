import type { AttackEnrichment } from '../output.ts';

/** How a verdict is shown. */
export type AttackPresentation = {
  /** Profile `full` also shows `evidence`. */
  readonly withEvidence: boolean;
  /** True exactly when `threat` is appended beside `detrails`. */
  readonly ecs: boolean;
};

/**
 * A verdict of `enrichAttack` as the output shows it: `ecs: true` when `threat` goes with it, without
 * `evidence` outside profile `full`. The same verdict and presentation give the same frozen object.
 */
export function presentAttack(
  attack: AttackEnrichment,
  { withEvidence, ecs }: AttackPresentation,
): AttackEnrichment {
  if (withEvidence && !ecs) return attack;
  const slot = (withEvidence ? 1 : 0) + (ecs ? 2 : 0);
  let shown = shownByVerdict.get(attack);
  if (shown === undefined) {
    shown = [];
    shownByVerdict.set(attack, shown);
  }
  const known = shown[slot];
  if (known !== undefined) return known;
  const made = Object.freeze({
    version: attack.version,
    ...(ecs ? { ecs } : {}),
    ...(attack.techniques === undefined ? {} : { techniques: techniquesOf(attack.techniques, withEvidence) }),
  });
  shown[slot] = made;
  return made;
}

const shownByVerdict = new WeakMap<AttackEnrichment, AttackEnrichment[]>();

type Techniques = NonNullable<AttackEnrichment['techniques']>;

function techniquesOf(techniques: Techniques, withEvidence: boolean): Techniques {
  if (withEvidence) return techniques;
  const shown = techniques.map(({ evidence: _evidence, ...technique }) => Object.freeze(technique));
  Object.freeze(shown);
  return shown;
}
