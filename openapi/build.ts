import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openapiText } from './document.ts';

/** Writes `openapi/openapi.json` from the routes: `npm run openapi:build`. */
writeFileSync(join(process.cwd(), 'openapi', 'openapi.json'), await openapiText());
