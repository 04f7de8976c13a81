import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AccessTier, TechniqueRow } from '../../../src/knowledge/attack-file.ts';
import type { ClassesFile } from './classes.ts';

/** A technique of `techniques.json`: the release's facts. */
export type TechniqueSource = {
  readonly id: string;
  readonly name: string;
  readonly status: 'active' | 'revoked' | 'deprecated';
  readonly tactics: readonly string[];
  readonly new_in_19?: true;
  readonly tactics_18?: readonly string[];
  readonly name_18?: string;
  readonly revoked_by?: string;
  readonly revoked_in_19?: true;
  readonly cloud?: true;
  readonly containers?: true;
};

/** One reviewed operation of `mapping/<service>.json`. */
export type EventSource = {
  readonly access: AccessTier;
  /** Public incident reports that name the operation. */
  readonly incidents?: number;
  readonly techniques?: readonly TechniqueRow[];
  /** Techniques that a public source gives and we do not, by reason code. */
  readonly rejected?: { readonly [code: string]: readonly string[] };
  /** True when the review found no technique and no class rule may name one either. */
  readonly final?: true;
  /** Why the contested ones were decided this way. */
  readonly why?: string;
};

export type AttackSource = {
  readonly techniques: ReadonlyMap<string, TechniqueSource>;
  readonly releases: { readonly [release: string]: { date: string; tactics: object } };
  /** Service label to operation to decision, sorted. */
  readonly mapping: ReadonlyMap<string, { readonly [name: string]: EventSource }>;
  readonly classes: ClassesFile;
  readonly allowed: AllowList;
};

/** Operations that AWS's data does not list and CloudTrail writes all the same, with the reason. */
export type AllowList = { readonly version: string; readonly events: { readonly [event: string]: string } };

/** Reads everything under `data/build/attack/`. */
export function readAttackSource(directory: string): AttackSource {
  const facts = readJson(join(directory, 'techniques.json')) as {
    releases: AttackSource['releases'];
    techniques: readonly TechniqueSource[];
  };
  const files = readdirSync(join(directory, 'mapping'))
    .filter((name) => name.endsWith('.json'))
    .sort();
  return {
    techniques: new Map(facts.techniques.map((technique) => [technique.id, technique])),
    releases: facts.releases,
    mapping: new Map(
      files.map((name) => [
        name.slice(0, -'.json'.length),
        readJson(join(directory, 'mapping', name)) as { [name: string]: EventSource },
      ]),
    ),
    classes: readJson(join(directory, 'classes.json')) as ClassesFile,
    allowed: readJson(join(directory, 'allowed-events.json')) as AllowList,
  };
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}
