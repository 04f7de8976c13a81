import { readFileSync, writeFileSync } from 'node:fs';
import { withOptionsTable } from './options-table.ts';

/** Writes the README's table of options: `npm run readme:build`. */
writeFileSync('README.md', withOptionsTable(readFileSync('README.md', 'utf8')));
