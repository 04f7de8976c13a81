import type { Mapping } from './mapping.ts';

/** The ECS fields that the service appends beside `detrails`; every leaf is a list, in parallel order. */
export const THREAT_FIELDS: readonly (readonly [name: string, description: string])[] = [
  ['threat.framework', 'Always `MITRE ATT&CK`'],
  ['threat.tactic.id', 'Tactic ids, such as `TA0004`'],
  ['threat.tactic.name', 'Tactic names'],
  ['threat.tactic.reference', 'Addresses of the tactics'],
  ['threat.technique.id', 'Technique ids, such as `T1098`'],
  ['threat.technique.name', 'Technique names'],
  ['threat.technique.reference', 'Addresses of the techniques'],
  ['threat.technique.subtechnique.id', 'Sub-technique ids, such as `T1098.003`'],
  ['threat.technique.subtechnique.name', 'Sub-technique names'],
  ['threat.technique.subtechnique.reference', 'Addresses of the sub-techniques'],
];

const KEYWORD: Mapping = { type: 'keyword', ignore_above: 1024 };
const TRIPLE: Mapping = { id: KEYWORD, name: KEYWORD, reference: KEYWORD };

/** Mappings of `threat` with ECS's own types, for data streams that do not have them already. */
export const THREAT_MAPPING: Mapping = {
  properties: {
    framework: KEYWORD,
    tactic: { properties: TRIPLE },
    technique: { properties: { ...TRIPLE, subtechnique: { properties: TRIPLE } } },
  },
};
