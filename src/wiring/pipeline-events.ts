import type { FastifyBaseLogger } from 'fastify';
import type { RecordErrorCode } from '../cloudtrail/record-error.ts';
import { ACTION_REASONS } from '../enrichment/action.ts';
import type { Phase, PipelineEvents } from '../enrichment/pipeline.ts';
import type { Sections } from '../enrichment/serialize.ts';
import { ENRICHERS, type Metrics } from '../metrics.ts';

/** Reasons that say the data lacks the operation, or the action that AWS named in a refusal. */
const UNKNOWN_REASONS: ReadonlySet<string> = new Set([
  ACTION_REASONS.inferred,
  ACTION_REASONS.unknownWithoutReadOnly,
  ACTION_REASONS.unlisted,
  ACTION_REASONS.unlistedWithoutReadOnly,
]);

/** What the pipeline tells, counted; {@link flush} hands the counts to the metrics when somebody looks. */
export type BatchCounter = PipelineEvents & { flush(): void };

/**
 * Counts records in plain numbers, because a labelled counter costs more than enriching a record does, and
 * logs one line per batch.
 */
export function countBatches(
  metrics: Metrics,
  log: FastifyBaseLogger,
  wanted: PipelineEvents['wanted'],
): BatchCounter {
  const phases = new Map<Phase, (seconds: number) => void>();
  for (const phase of ['decode', 'observe', 'exchange', 'enrich'] as const) {
    const child = metrics.phaseDuration.labels({ phase });
    phases.set(phase, (seconds) => child.observe(seconds));
  }
  const batchRecords = metrics.batchRecords.labels({});
  // A line of numbers has nothing to redact, and looking for it costs as much as the rest of the line.
  const lines = log.child({}, { redact: [] });
  let totals = noTotals();

  function record(sections: Sections): void {
    const { action, attack, risk, policy, session, tool, context, degraded } = sections;
    const { hits } = totals;
    totals.records++;
    if (action !== undefined) hits.action++;
    if (attack !== undefined) hits.attack++;
    if (risk !== undefined) hits.risk++;
    if (policy !== undefined) hits.policy++;
    if (session !== undefined) hits.session++;
    if (tool !== undefined) hits.tool++;
    if (context !== undefined) hits.context++;
    if (degraded !== undefined) totals.degraded++;
    if (action?.reason !== undefined && UNKNOWN_REASONS.has(action.reason)) totals.unknownOperations++;
    if (tool === undefined) totals.unknownAgents++;
    if (session?.verdict !== undefined) {
      add(session.late === undefined ? totals.verdicts : totals.lateVerdicts, session.verdict);
    }
    if (policy === undefined) return;
    add(totals.policies, policy.status);
    for (const [type, count] of Object.entries(policy.counts ?? {})) add(totals.findings, type, count);
  }

  function flush(): void {
    const flushed = totals;
    totals = noTotals();
    const { records, degraded } = flushed;
    metrics.records.inc({ result: 'ok' }, records - degraded);
    metrics.records.inc({ result: 'degraded' }, degraded);
    metrics.requestBytes.inc(flushed.bytes);
    for (const enricher of ENRICHERS) {
      const hits = flushed.hits[enricher];
      metrics.enrichmentMatches.inc({ enricher, outcome: 'hit' }, hits);
      metrics.enrichmentMatches.inc({ enricher, outcome: 'miss' }, records - hits);
    }
    metrics.unknownOperations.inc(flushed.unknownOperations);
    metrics.unknownUserAgents.inc(flushed.unknownAgents);
    for (const [code, count] of flushed.errors) {
      metrics.records.inc({ result: 'error' }, count);
      metrics.recordErrors.inc({ code }, count);
    }
    for (const [verdict, count] of flushed.verdicts)
      metrics.sessionVerdicts.inc({ verdict, late: 'false' }, count);
    for (const [verdict, count] of flushed.lateVerdicts)
      metrics.sessionVerdicts.inc({ verdict, late: 'true' }, count);
    for (const [status, count] of flushed.policies) metrics.policyStatus.inc({ status }, count);
    for (const [type, count] of flushed.findings) metrics.policyFindings.inc({ type }, count);
  }

  return {
    record,
    refused: (code) => add(totals.errors, code),
    batch: ({ records, errors, degraded }, bytes) => {
      totals.bytes += bytes;
      batchRecords.observe(records);
      // One line per batch; single events would be a line each.
      if (records > 1 || errors > 0) lines.info({ records, errors, degraded, bytes }, 'batch');
    },
    phase: (phase, seconds) => phases.get(phase)?.(seconds),
    wanted,
    fault: (error) => log.error({ err: error }, 'an enricher failed on a record'),
    flush,
  };
}

/** Records by the sections they got: written out by name, since every record is counted. */
type Hits = Record<(typeof ENRICHERS)[number], number>;

function noTotals() {
  return {
    records: 0,
    degraded: 0,
    bytes: 0,
    unknownOperations: 0,
    unknownAgents: 0,
    hits: { action: 0, attack: 0, risk: 0, policy: 0, session: 0, tool: 0, context: 0 } satisfies Hits,
    errors: new Map<RecordErrorCode, number>(),
    verdicts: new Map<string, number>(),
    lateVerdicts: new Map<string, number>(),
    policies: new Map<string, number>(),
    findings: new Map<string, number>(),
  };
}

function add<Key>(counts: Map<Key, number>, key: Key, count = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}
