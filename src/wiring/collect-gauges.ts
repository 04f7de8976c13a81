import type { PolicyContext } from '../enrichment/policy/context.ts';
import type { Admission } from '../http/admission.ts';
import type { Drain } from '../http/drain.ts';
import type { Metrics } from '../metrics.ts';
import type { ConfiguredStore } from '../store/create-store.ts';

export type GaugeSources = {
  readonly admission: Admission;
  readonly drain: Drain;
  readonly store: ConfiguredStore;
  readonly policies: PolicyContext;
  readonly datasets: readonly { readonly name: string; readonly version: string; readonly date: string }[];
  /** Wall clock in milliseconds. */
  readonly now: number;
};

/** Reads sizes and ages when somebody scrapes: nothing is counted twice on the way of a request. */
export function collectGauges(metrics: Metrics, sources: GaugeSources): void {
  const { admission, drain, store, policies, datasets, now } = sources;
  metrics.httpRequestsInFlight.set(drain.inFlight);
  metrics.admissionWaiting.set(admission.waiting);
  metrics.admissionBytes.set(admission.bytes);
  metrics.cacheEntries.set({ cache: 'records' }, store.memory.entries);
  metrics.cacheBytes.set({ cache: 'records' }, store.memory.bytes);
  setTotal(metrics, 'hit', policies.counts.hits);
  setTotal(metrics, 'miss', policies.counts.misses);
  for (const { name, version, date } of datasets) {
    metrics.dataAge.set({ dataset: name }, Math.max(0, (now - Date.parse(date)) / 1000));
    metrics.dataInfo.set({ dataset: name, version }, 1);
  }
}

/** A counter that is kept elsewhere: brought up to the total it has there. */
function setTotal(metrics: Metrics, result: 'hit' | 'miss', total: number): void {
  metrics.cacheRequests.remove({ cache: 'policy_analyses', result });
  metrics.cacheRequests.inc({ cache: 'policy_analyses', result }, total);
}
