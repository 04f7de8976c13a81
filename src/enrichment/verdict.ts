import type { ByteText } from '../cloudtrail/byte-text.ts';
import { byteText, flatText } from '../cloudtrail/byte-text.ts';
import type { AttackKnowledge } from '../knowledge/attack.ts';
import { presentAttack } from './attack/present.ts';
import type { ActionEnrichment, AttackEnrichment, RiskEnrichment } from './output.ts';
import { LEAD, type Profile, sectionText } from './serialize.ts';
import { threatOf } from './threat.ts';

/**
 * What follows from an operation, its outcome, its kind of caller and the conditions that held, all in one:
 * most records of a log share a few hundred verdicts. Texts are made when first written.
 */
export class Verdict {
  readonly action: ActionEnrichment;
  readonly attack: AttackEnrichment | undefined;
  /** The risk where nothing else adds to it. */
  readonly risk: RiskEnrichment;
  readonly #knowledge: AttackKnowledge;
  #threat: ByteText | null | undefined;
  /** By {@link slotOf}. */
  readonly #leads: (ByteText | undefined)[] = [undefined, undefined, undefined, undefined];
  readonly #leadsWithRisk: (ByteText | undefined)[] = [undefined, undefined, undefined, undefined];

  constructor(
    action: ActionEnrichment,
    attack: AttackEnrichment | undefined,
    risk: RiskEnrichment,
    knowledge: AttackKnowledge,
  ) {
    this.action = action;
    this.attack = attack;
    this.risk = risk;
    this.#knowledge = knowledge;
  }

  /** The ECS `threat` that goes with it, as JSON; undefined when nothing is certain enough. */
  get threat(): ByteText | undefined {
    if (this.#threat === undefined) {
      const threat = this.attack && threatOf(this.attack, this.#knowledge);
      this.#threat = threat === undefined ? null : byteText(JSON.stringify(threat));
    }
    return this.#threat ?? undefined;
  }

  /**
   * `{"schema":"1",…` up to the section `risk`.
   *
   * @param ecs whether {@link threat} is written beside it
   * @param risk the event's risk, which is {@link risk} or one that further signals raised
   */
  lead(profile: Profile, ecs: boolean, risk: RiskEnrichment): ByteText {
    const slot = (profile === 'full' ? 1 : 0) + (ecs ? 2 : 0);
    if (risk !== this.risk)
      return (this.#lead(slot, profile, ecs) + sectionText('risk', risk, profile)) as ByteText;
    const known = this.#leadsWithRisk[slot];
    if (known !== undefined) return known;
    const made = flatText((this.#lead(slot, profile, ecs) + sectionText('risk', risk, profile)) as ByteText);
    this.#leadsWithRisk[slot] = made;
    return made;
  }

  #lead(slot: number, profile: Profile, ecs: boolean): ByteText {
    const known = this.#leads[slot];
    if (known !== undefined) return known;
    const attack = this.attack && presentAttack(this.attack, { withEvidence: profile === 'full', ecs });
    const action = sectionText('action', this.action, profile);
    const made = flatText(
      (LEAD + action + (attack === undefined ? '' : sectionText('attack', attack, profile))) as ByteText,
    );
    this.#leads[slot] = made;
    return made;
  }
}
