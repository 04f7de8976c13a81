import type { FastifyBaseLogger } from 'fastify';
import type { Phase, PipelineEvents, Tally } from '../enrichment/pipeline.ts';
import { ENRICHERS, type Metrics } from '../metrics.ts';

/** Turns what the pipeline tells into metrics and, for batches and faults, log lines. */
export function countBatches(
  metrics: Metrics,
  log: FastifyBaseLogger,
  wanted: PipelineEvents['wanted'],
): PipelineEvents {
  const phases = new Map<Phase, (seconds: number) => void>();
  for (const phase of ['decode', 'observe', 'exchange', 'enrich'] as const) {
    const child = metrics.phaseDuration.labels({ phase });
    phases.set(phase, (seconds) => child.observe(seconds));
  }
  const ok = metrics.records.labels({ result: 'ok' });
  const matches = ENRICHERS.map((enricher) => ({
    enricher,
    hit: metrics.enrichmentMatches.labels({ enricher, outcome: 'hit' }),
    miss: metrics.enrichmentMatches.labels({ enricher, outcome: 'miss' }),
  }));

  function countSections(tally: Tally): void {
    for (const { enricher, hit, miss } of matches) {
      const hits = tally.sections.get(enricher) ?? 0;
      if (hits > 0) hit.inc(hits);
      if (hits < tally.records) miss.inc(tally.records - hits);
    }
    metrics.unknownOperations.inc(tally.unknownOperations);
    metrics.unknownUserAgents.inc(tally.unknownAgents);
    for (const [key, count] of tally.verdicts) {
      const [verdict = 'unknown', late = 'false'] = key.split(' ');
      metrics.sessionVerdicts.inc({ verdict, late }, count);
    }
    for (const [status, count] of tally.policies) metrics.policyStatus.inc({ status }, count);
    for (const [type, count] of tally.findings) metrics.policyFindings.inc({ type }, count);
  }

  return {
    phase: (phase, seconds) => phases.get(phase)?.(seconds),
    batch: (tally) => {
      metrics.batchRecords.observe(tally.records);
      metrics.requestBytes.inc(tally.bytes);
      ok.inc(tally.records - tally.degraded);
      if (tally.degraded > 0) metrics.records.inc({ result: 'degraded' }, tally.degraded);
      for (const [code, count] of tally.errors) {
        metrics.records.inc({ result: 'error' }, count);
        metrics.recordErrors.inc({ code }, count);
      }
      countSections(tally);
      // One line per batch; single events would be a line each.
      if (tally.records > 1 || tally.errors.size > 0) {
        const { records, degraded, bytes } = tally;
        log.info({ records, errors: Object.fromEntries(tally.errors), degraded, bytes }, 'batch');
      }
    },
    wanted,
    fault: (error) => log.error({ err: error }, 'an enricher failed on a record'),
  };
}
