import { dashboardFiles } from './dashboard-files.ts';
import { writeFiles } from './write-files.ts';

// npm run dashboards:build. Running it twice changes nothing.
writeFiles(dashboardFiles());
