import { writeFiles } from '../../logstash/build/write-files.ts';
import { generatedFiles } from './generated-files.ts';

// npm run deploy:build. Running it twice changes nothing.
writeFiles(generatedFiles());
