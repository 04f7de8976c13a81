import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildActions } from './actions/build.ts';

/*
 * Builds data/actions.json from the pinned packages, the snapshot of AWS's Service Reference if there is
 * one, and our table of exceptions. Run from the project root, by `npm run data:build`; running it twice
 * changes nothing.
 */
const root = process.cwd();
const { file, text } = buildActions(root);
writeFileSync(join(root, 'data', 'actions.json'), text);
console.log(
  `data/actions.json: ${Object.keys(file.services).length} services, ${text.length} bytes, ${file.hash}`,
);
