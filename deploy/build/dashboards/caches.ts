import type { Dashboard } from '../dashboard.ts';

/** Caches in memory, the shared store, and the policy resolver. */
export const CACHES: Dashboard = {
  uid: 'detrails-caches',
  title: 'detrails / caches and store',
  description: 'Caches in memory, the shared store, the policy resolver',
  rows: [
    {
      title: 'Caches',
      panels: [
        {
          title: 'Hit ratio',
          description: 'Share of look-ups that were answered, over half an hour',
          unit: 'percentunit',
          queries: [
            {
              expr: 'avg by (cache) (job_cache:detrails_cache_hits:ratio_rate30m{$scope})',
              legend: '{{cache}}',
            },
          ],
        },
        {
          title: 'Look-ups',
          description: 'By cache and result',
          kind: 'stacked',
          unit: 'ops',
          queries: [
            {
              expr: 'sum by (cache, result) (rate(detrails_cache_requests_total{$scope}[$__rate_interval]))',
              legend: '{{cache}} {{result}}',
            },
          ],
        },
        {
          title: 'Evictions',
          description: 'Entries that made room for others: a cache that is too small',
          unit: 'ops',
          queries: [
            {
              expr: 'sum by (cache) (rate(detrails_cache_evictions_total{$scope}[$__rate_interval]))',
              legend: '{{cache}}',
            },
          ],
        },
        {
          title: 'Entries',
          description: 'By cache, all replicas',
          unit: 'short',
          width: 12,
          queries: [{ expr: 'sum by (cache) (detrails_cache_entries{$scope})', legend: '{{cache}}' }],
        },
        {
          title: 'Bytes',
          description: 'By cache, all replicas; bounded by DETRAILS_MEMORY_MAX_BYTES in each',
          unit: 'bytes',
          width: 12,
          queries: [{ expr: 'sum by (cache) (detrails_cache_bytes{$scope})', legend: '{{cache}}' }],
        },
      ],
    },
    {
      title: 'Shared store',
      panels: [
        {
          title: 'Answers',
          description: '1 while the store answers this replica; nothing without a store',
          unit: 'short',
          queries: [{ expr: 'detrails_shared_store_up{$scope}', legend: '{{instance}}' }],
        },
        {
          title: 'Breaker open',
          description: '1 while the store is not asked because it failed',
          unit: 'short',
          queries: [{ expr: 'detrails_shared_store_breaker_open{$scope}', legend: '{{instance}}' }],
        },
        {
          title: 'Degraded records',
          description: 'Share of records answered without the shared store',
          unit: 'percentunit',
          queries: [
            {
              expr: 'sum(rate(detrails_records_total{$scope, result="degraded"}[$__rate_interval])) / sum(rate(detrails_records_total{$scope}[$__rate_interval]))',
              legend: 'degraded',
            },
          ],
        },
        {
          title: 'Exchanges',
          description: 'Round trips per second',
          unit: 'ops',
          queries: [
            {
              expr: 'sum by (op) (rate(detrails_shared_store_duration_seconds_count{$scope}[$__rate_interval]))',
              legend: '{{op}}',
            },
          ],
        },
        {
          title: 'Time of an exchange',
          description: 'Beyond DETRAILS_STORE_TIMEOUT_MS a batch goes on without',
          unit: 's',
          queries: [50, 99].map((percent) => ({
            expr: `histogram_quantile(${percent / 100}, sum by (op, le) (rate(detrails_shared_store_duration_seconds_bucket{$scope}[$__rate_interval])))`,
            legend: `{{op}} p${percent}`,
          })),
        },
        {
          title: 'Failed exchanges',
          description: 'Not every key was answered in time',
          unit: 'ops',
          queries: [
            {
              expr: 'sum by (op) (rate(detrails_shared_store_errors_total{$scope}[$__rate_interval]))',
              legend: '{{op}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Policies',
      panels: [
        {
          title: 'Where analyses come from',
          description: 'Policy events by status. "unknown" is what a warm start or the resolver would answer',
          kind: 'stacked',
          unit: 'short',
          queries: [
            {
              expr: 'sum by (status) (rate(detrails_policy_status_total{$scope}[$__rate_interval]))',
              legend: '{{status}}',
            },
          ],
        },
        {
          title: 'Policy resolver',
          description: 'Versions asked of IAM; nothing while DETRAILS_POLICY_RESOLVER is none',
          kind: 'stacked',
          unit: 'ops',

          queries: [
            {
              expr: 'sum by (outcome) (rate(detrails_policy_resolver_total{$scope}[$__rate_interval]))',
              legend: '{{outcome}}',
            },
          ],
        },
        {
          title: 'Waiting to be read from IAM',
          description: 'The queue is bounded: what does not fit is asked for by the next event',
          unit: 'short',
          queries: [
            { expr: 'sum by (instance) (detrails_policy_resolver_queue{$scope})', legend: '{{instance}}' },
          ],
        },
      ],
    },
  ],
};
