import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { VendorsFile } from '../../src/context/vendors.ts';
import { compileVendors } from './vendors/compile-vendors.ts';

/* Builds data/vendors.json. Run from the project root; running it twice changes nothing. */
const root = process.cwd();
const kept = readFileSync(join(root, 'data', 'build', 'vendors', 'vendors.json'), 'utf8');
const text = compileVendors(JSON.parse(kept) as VendorsFile);
writeFileSync(join(root, 'data', 'vendors.json'), text);
console.log(`data/vendors.json: ${text.split('\n').length - 3} vendors`);
