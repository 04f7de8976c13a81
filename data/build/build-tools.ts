import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileTools, type Signatures } from './tools/compile-tools.ts';

/*
 * Builds data/tools.json from the hand-kept signatures and Pacu's list of masks. Run from the project root;
 * running it twice changes nothing.
 */
const folder = join(process.cwd(), 'data', 'build', 'tools');
const signatures = JSON.parse(readFileSync(join(folder, 'signatures.json'), 'utf8')) as Signatures;
const masks = JSON.parse(readFileSync(join(folder, 'pacu-masks.json'), 'utf8')) as { agents: string[] };
writeFileSync(join(process.cwd(), 'data', 'tools.json'), compileTools(signatures, masks.agents));
console.log(`data/tools.json: ${signatures.tools.length} signatures, ${masks.agents.length} masks`);
