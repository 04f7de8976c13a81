import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { RECORD_ERRORS } from './cloudtrail/record-error.ts';
import type { ContextFileKind } from './context/context-source.ts';
import { CountedHistogram } from './counted-histogram.ts';
import { SECTIONS } from './enrichment/serialize.ts';
import { REFUSALS } from './errors.ts';

/**
 * Every metric, declared once, on a registry of its own so that two apps in one process share nothing.
 * Label values are few and known; they start at 0, so that `rate()` and `absent()` work.
 */

/** Steps below a millisecond: most requests are that quick. */
const LATENCY_SECONDS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10,
];
const BATCH_RECORDS = [1, 5, 25, 125, 500, 1000, 5000, 25_000];
export const ENRICHERS = SECTIONS.filter(
  (name) => name !== 'error' && name !== 'explain' && name !== 'degraded',
);
export const ROUTES = [
  '/v1/enrich',
  '/v1/policies/analyze',
  '/v1/policies',
  '/v1/policies/import',
  '/v1/actions',
  '/v1/sessions',
  'other',
] as const;

export type Metrics = ReturnType<typeof createMetrics>;

/** Registers everything on a new registry. */
export function createMetrics(build: { readonly version: string; readonly revision: string }) {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const metrics = {
    registry,
    httpRequestDuration: new CountedHistogram({
      name: 'detrails_http_request_duration_seconds',
      help: 'Time from the request to the end of its answer',
      labelNames: ['route', 'method', 'status_class'] as const,
      buckets: LATENCY_SECONDS,
      registers,
    }),
    httpRequestsInFlight: new Gauge({
      name: 'detrails_http_requests_in_flight',
      help: 'Requests in work',
      registers,
    }),
    batchRecords: new CountedHistogram({
      name: 'detrails_batch_records',
      help: 'Records per request',
      buckets: BATCH_RECORDS,
      registers,
    }),
    records: new Counter({
      name: 'detrails_records_total',
      help: 'Records by what became of them',
      labelNames: ['result'] as const,
      registers,
    }),
    recordErrors: new Counter({
      name: 'detrails_record_errors_total',
      help: 'Records that came back with detrails.error, by code',
      labelNames: ['code'] as const,
      registers,
    }),
    requestBytes: new Counter({
      name: 'detrails_request_bytes_total',
      help: 'Bytes of bodies, decompressed',
      registers,
    }),
    phaseDuration: new CountedHistogram({
      name: 'detrails_phase_duration_seconds',
      help: 'Time of a request in each phase of the pipeline',
      labelNames: ['phase'] as const,
      buckets: LATENCY_SECONDS,
      registers,
    }),
    enrichmentMatches: new Counter({
      name: 'detrails_enrichment_matches_total',
      help: 'Records that an enricher had something to say of (hit) or not (miss)',
      labelNames: ['enricher', 'outcome'] as const,
      registers,
    }),
    unknownOperations: new Counter({
      name: 'detrails_unknown_operations_total',
      help: 'Records whose operation or action the data does not know: rising means the data is stale',
      registers,
    }),
    unknownUserAgents: new Counter({
      name: 'detrails_unknown_user_agents_total',
      help: 'Records whose user agent is no known client or tool',
      registers,
    }),
    policyFindings: new Counter({
      name: 'detrails_policy_findings_total',
      help: 'Findings about policies by type',
      labelNames: ['type'] as const,
      registers,
    }),
    policyStatus: new Counter({
      name: 'detrails_policy_status_total',
      help: 'Policy events by where their analysis came from',
      labelNames: ['status'] as const,
      registers,
    }),
    sessionVerdicts: new Counter({
      name: 'detrails_session_verdicts_total',
      help: 'Verdicts on the source of temporary keys; late ones came with the event that completed the picture',
      labelNames: ['verdict', 'late'] as const,
      registers,
    }),
    cacheRequests: new Counter({
      name: 'detrails_cache_requests_total',
      help: 'Look-ups by cache',
      labelNames: ['cache', 'result'] as const,
      registers,
    }),
    cacheEntries: new Gauge({
      name: 'detrails_cache_entries',
      help: 'Entries by cache',
      labelNames: ['cache'] as const,
      registers,
    }),
    cacheBytes: new Gauge({
      name: 'detrails_cache_bytes',
      help: 'Estimated bytes by cache',
      labelNames: ['cache'] as const,
      registers,
    }),
    cacheEvictions: new Counter({
      name: 'detrails_cache_evictions_total',
      help: 'Entries that made room for others',
      labelNames: ['cache'] as const,
      registers,
    }),
    storeUp: new Gauge({
      name: 'detrails_shared_store_up',
      help: '1 when the shared store answers; absent without one and until it is known',
      aggregator: 'min',
      registers,
    }),
    storeBreakerOpen: new Gauge({
      name: 'detrails_shared_store_breaker_open',
      help: '1 while the shared store is not asked because it failed; absent without one',
      aggregator: 'max',
      registers,
    }),
    storeDuration: new Histogram({
      name: 'detrails_shared_store_duration_seconds',
      help: 'Time of one exchange with the shared store',
      labelNames: ['op'] as const,
      buckets: LATENCY_SECONDS,
      registers,
    }),
    storeErrors: new Counter({
      name: 'detrails_shared_store_errors_total',
      help: 'Exchanges with the shared store that failed',
      labelNames: ['op'] as const,
      registers,
    }),
    resolver: new Counter({
      name: 'detrails_policy_resolver_total',
      help: 'Policy versions asked of IAM by outcome',
      labelNames: ['outcome'] as const,
      registers,
    }),
    resolverQueue: new Gauge({
      name: 'detrails_policy_resolver_queue',
      help: 'Policy versions that wait to be read from IAM',
      registers,
    }),
    admissionWaiting: new Gauge({
      name: 'detrails_admission_waiting',
      help: 'Requests waiting for admission',
      registers,
    }),
    admissionBytes: new Gauge({
      name: 'detrails_admission_bytes',
      help: 'Bytes of bodies in work',
      registers,
    }),
    accessRefused: new Counter({
      name: 'detrails_access_refused_total',
      help: 'Requests of callers who were not let in, by reason',
      labelNames: ['reason'] as const,
      registers,
    }),
    accessReloads: new Counter({
      name: 'detrails_access_reloads_total',
      help: 'Reloads of API keys and certificates',
      labelNames: ['kind', 'result'] as const,
      registers,
    }),
    contextReloads: new Counter({
      name: 'detrails_context_reloads_total',
      help: 'Reloads of the company file and its companions',
      labelNames: ['kind', 'result'] as const,
      registers,
    }),
    dataAge: new Gauge({
      name: 'detrails_data_age_seconds',
      help: 'Age of the bundled data sets',
      labelNames: ['dataset'] as const,
      aggregator: 'max',
      registers,
    }),
    dataInfo: new Gauge({
      name: 'detrails_data_info',
      help: 'Version of the bundled data sets',
      labelNames: ['dataset', 'version'] as const,
      aggregator: 'first',
      registers,
    }),
    buildInfo: new Gauge({
      name: 'detrails_build_info',
      help: 'What is running',
      labelNames: ['version', 'revision', 'node_version'] as const,
      aggregator: 'first',
      registers,
    }),
  };
  metrics.buildInfo.set({ ...build, node_version: process.version }, 1);
  // A gauge without labels starts at 0, which would say that a store which nobody configured is down.
  metrics.storeUp.remove();
  metrics.storeBreakerOpen.remove();
  for (const status_class of ['2xx', '4xx', '5xx']) {
    metrics.httpRequestDuration.labels({ route: '/v1/enrich', method: 'POST', status_class });
  }
  for (const kind of ['company', 'mmdb', 'aws_ranges', 'tor_exits'] satisfies ContextFileKind[]) {
    for (const result of ['ok', 'failed']) metrics.contextReloads.inc({ kind, result }, 0);
  }
  for (const result of ['ok', 'error', 'degraded']) metrics.records.inc({ result }, 0);
  metrics.cacheEvictions.inc({ cache: 'records' }, 0);
  for (const op of ['exchange', 'probe', 'catch_up']) metrics.storeErrors.inc({ op }, 0);
  for (const code of Object.keys(RECORD_ERRORS)) metrics.recordErrors.inc({ code }, 0);
  for (const reason of REFUSALS) metrics.accessRefused.inc({ reason }, 0);
  for (const kind of ['api_keys', 'tls']) {
    for (const result of ['ok', 'failed']) metrics.accessReloads.inc({ kind, result }, 0);
  }
  for (const enricher of ENRICHERS) {
    for (const outcome of ['hit', 'miss']) metrics.enrichmentMatches.inc({ enricher, outcome }, 0);
  }
  return metrics;
}
