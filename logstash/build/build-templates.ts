import { templateFiles } from './template-files.ts';
import { writeFiles } from './write-files.ts';

// npm run fields:build. Running it twice changes nothing.
writeFiles(templateFiles());
