import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildActions, readCommittedActions } from './actions/build.ts';
import { diffActions, formatDiff } from './actions/diff.ts';
import { unpackServices } from './actions/source-action.ts';

/*
 * Builds data/actions.json from the pinned packages, the snapshot of AWS's Service Reference if there is
 * one, and our table of exceptions. Run from the project root, by `npm run data:build`; running it twice
 * changes nothing.
 */
const root = process.cwd();
const before = unpackServices(readCommittedActions(root)?.services ?? {});
const { file, text } = buildActions(root);
writeFileSync(join(root, 'data', 'actions.json'), text);
console.log(
  `data/actions.json: ${Object.keys(file.services).length} services, ${text.length} bytes, ${file.hash}`,
);
console.log(formatDiff(diffActions(before, unpackServices(file.services))));
