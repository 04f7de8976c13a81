import type { Target } from '../target.ts';
import { attackTarget } from './attack.ts';
import { decodeTarget } from './decode.ts';
import { enrichTarget } from './enrich.ts';
import { policyTarget } from './policy.ts';
import { scannerTarget } from './scanner.ts';

/** Everything that is fuzzed. */
export const TARGETS: readonly Target[] = [
  scannerTarget,
  decodeTarget,
  policyTarget,
  attackTarget,
  enrichTarget,
];
