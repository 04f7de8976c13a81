import type { Dashboard } from './dashboard.ts';
import { CACHES } from './dashboards/caches.ts';
import { COVERAGE } from './dashboards/coverage.ts';
import { TRAFFIC } from './dashboards/traffic.ts';

/** Every dashboard, by the name of its file. */
export const DASHBOARDS: Readonly<Record<string, Dashboard>> = {
  traffic: TRAFFIC,
  caches: CACHES,
  coverage: COVERAGE,
};
