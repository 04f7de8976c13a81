import { readFileSync, writeFileSync } from 'node:fs';
import { cycloneDx, type Lockfile } from './cyclonedx.ts';

/** `npm run sbom [-- file]`: the bill of materials, to a file (default `detrails.cdx.json`) or to `-`. */
const [file = 'detrails.cdx.json'] = process.argv.slice(2);
const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as Lockfile;
const bom = cycloneDx(lock, 'Apache-2.0');
const text = `${JSON.stringify(bom, undefined, 1)}\n`;
if (file === '-') process.stdout.write(text);
else {
  writeFileSync(file, text);
  console.log(`${file}: ${bom.components.length} runtime packages, CycloneDX ${bom.specVersion}`);
}
