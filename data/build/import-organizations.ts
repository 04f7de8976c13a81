import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { importOrganizations } from '../../src/context/import-organizations.ts';

/*
 * aws organizations list-accounts | npm run context:import -- company.yaml
 * npm run context:import -- company.yaml accounts.json
 *
 * Adds the accounts to the company file, which is made when it does not exist.
 */
const [target, listingFile] = process.argv.slice(2);
if (target === undefined) {
  console.error('usage: context:import <company file> [<output of aws organizations list-accounts>]');
  process.exitCode = 2;
} else {
  const listing = readFileSync(listingFile ?? 0, 'utf8');
  const imported = importOrganizations(listing, existsSync(target) ? readFileSync(target, 'utf8') : '');
  if (imported.ok) {
    writeFileSync(target, imported.text);
    console.log(`${target}: ${imported.added} accounts added, ${imported.named} named`);
  } else {
    console.error(imported.problem);
    process.exitCode = 1;
  }
}
