import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadActions } from '../../src/knowledge/actions.ts';
import { compileAttack, compileTechniques } from './attack/compile.ts';
import { readAttackSource } from './attack/read-source.ts';

/*
 * Builds data/attack.json and data/techniques.json from the reviewed mapping under data/build/attack/ and
 * from data/actions.json, so it runs after build-actions.ts. Running it twice changes nothing.
 */
const root = process.cwd();
const source = readAttackSource(join(root, 'data', 'build', 'attack'));
const attack = compileAttack(source, loadActions());
const techniques = compileTechniques(source, attack);
const attackText = inLines(attack);
writeFileSync(join(root, 'data', 'attack.json'), attackText);
writeFileSync(join(root, 'data', 'techniques.json'), inLines(techniques));
console.log(
  `data/attack.json: ${attackText.length} bytes, ${Object.keys(techniques.techniques).length} techniques, ${attack.hash}`,
);

/** One line per event source, class or technique, so that a change reads well in a diff. */
function inLines(content: object): string {
  const members = Object.entries(content).map(([key, value]: [string, unknown]) => {
    if (typeof value !== 'object' || value === null) return `${JSON.stringify(key)}:${JSON.stringify(value)}`;
    const lines = Object.entries(value).map(
      ([name, row]) => `${JSON.stringify(name)}:${JSON.stringify(row)}`,
    );
    return `${JSON.stringify(key)}:{\n${lines.join(',\n')}\n}`;
  });
  return `{${members.join(',\n')}}\n`;
}
