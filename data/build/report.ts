import { loadActions } from '../../src/knowledge/actions.ts';
import { loadAttack } from '../../src/knowledge/attack.ts';
import { coverageLines } from './report/coverage.ts';
import { measureNoise, noiseLines } from './report/noise.ts';
import { riskLines } from './report/risk.ts';

/*
 * Prints what the ATT&CK mapping and the risk data reach, and how much ordinary traffic they mark.
 * Run from the project root by `npm run data:report`. Corpora are read from ../shared where it exists.
 */
const actions = loadActions();
const attack = loadAttack('19.1');

console.log(`ATT&CK ${attack.release}, mapping of ${attack.dataset.version} (${attack.dataset.hash})\n`);
console.log(coverageLines(actions, attack).join('\n'));
console.log(`\n${noiseLines(measureNoise(actions, attack)).join('\n')}`);
console.log(`\n${riskLines(actions, attack).join('\n')}`);
