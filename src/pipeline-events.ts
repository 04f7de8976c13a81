import type { FastifyBaseLogger } from 'fastify';
import type { Phase, PipelineEvents, Tally } from './enrichment/pipeline.ts';
import type { Metrics } from './metrics.ts';

/** Turns what the pipeline tells into metrics and, for batches and faults, log lines. */
export function countBatches(metrics: Metrics, log: FastifyBaseLogger): PipelineEvents {
  const phases = new Map<Phase, (seconds: number) => void>();
  for (const phase of ['decode', 'observe', 'exchange', 'enrich'] as const) {
    const child = metrics.phaseDuration.labels({ phase });
    phases.set(phase, (seconds) => child.observe(seconds));
  }
  const ok = metrics.records.labels({ result: 'ok' });
  return {
    phase: (phase, seconds) => phases.get(phase)?.(seconds),
    batch: (tally: Tally) => {
      metrics.batchRecords.observe(tally.records);
      metrics.requestBytes.inc(tally.bytes);
      ok.inc(tally.records - tally.degraded);
      if (tally.degraded > 0) metrics.records.inc({ result: 'degraded' }, tally.degraded);
      for (const [code, count] of tally.errors) {
        metrics.records.inc({ result: 'error' }, count);
        metrics.recordErrors.inc({ code }, count);
      }
      const isBatch = tally.records > 1 || tally.errors.size > 0;
      if (isBatch) {
        log.info(
          { records: tally.records, errors: Object.fromEntries(tally.errors), bytes: tally.bytes },
          'batch',
        );
      }
    },
    fault: (error) => log.error({ err: error }, 'an enricher failed on a record'),
  };
}
