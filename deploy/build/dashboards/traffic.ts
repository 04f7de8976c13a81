import type { Dashboard } from '../dashboard.ts';

/** Requests, errors, latency, batch size, and what the processes use. */
export const TRAFFIC: Dashboard = {
  uid: 'detrails-traffic',
  title: 'detrails / traffic',
  description: 'Requests, errors, latency, size of batches, and the processes behind them',
  rows: [
    {
      title: 'Now',
      panels: [
        {
          title: 'Records',
          description: 'Records enriched per second',
          kind: 'number',
          unit: 'short',
          queries: [{ expr: 'sum(rate(detrails_batch_records_sum{$scope}[$__rate_interval]))' }],
        },
        {
          title: 'Requests',
          description: 'Requests per second, probes and pages aside',
          kind: 'number',
          unit: 'reqps',
          queries: [
            {
              expr: 'sum(rate(detrails_http_request_duration_seconds_count{$scope, route!="other"}[$__rate_interval]))',
            },
          ],
        },
        {
          title: 'Failed requests',
          description: 'Share of requests answered with 5xx',
          kind: 'number',
          unit: 'percentunit',
          queries: [{ expr: 'max(job:detrails_http_errors:ratio_rate5m{$scope})' }],
        },
        {
          title: 'p99',
          description: '99 of 100 requests to /v1/enrich are answered within',
          kind: 'number',
          unit: 's',
          queries: [{ expr: 'max(job:detrails_enrich_latency_seconds:p99_5m{$scope})' }],
        },
        {
          title: 'Replicas',
          description: 'Instances that are scraped',
          kind: 'number',
          unit: 'short',
          queries: [{ expr: 'count(detrails_build_info{$scope})' }],
        },
        {
          title: 'In flight',
          description: 'Requests in work',
          kind: 'number',
          unit: 'short',
          queries: [{ expr: 'sum(detrails_http_requests_in_flight{$scope})' }],
        },
      ],
    },
    {
      title: 'Requests',
      panels: [
        {
          title: 'Requests by route',
          description: 'Probes, pages and scrapes are "other"',
          kind: 'stacked',
          unit: 'reqps',
          queries: [
            {
              expr: 'sum by (route) (rate(detrails_http_request_duration_seconds_count{$scope}[$__rate_interval]))',
              legend: '{{route}}',
            },
          ],
        },
        {
          title: 'Responses by class',
          description: '4xx is a client that sends what cannot be read; 5xx is ours',
          kind: 'stacked',
          unit: 'reqps',
          queries: [
            {
              expr: 'sum by (status_class) (rate(detrails_http_request_duration_seconds_count{$scope, route!="other"}[$__rate_interval]))',
              legend: '{{status_class}}',
            },
          ],
        },
        {
          title: 'Failed requests',
          description: 'Share answered with 5xx; the alert is at 2 %',
          unit: 'percentunit',
          queries: [
            { expr: 'job:detrails_http_errors:ratio_rate5m{$scope}', legend: '{{namespace}} {{job}}' },
          ],
        },
      ],
    },
    {
      title: 'Latency',
      panels: [
        {
          title: 'Latency of /v1/enrich',
          description: 'Depends on the size of batches: see records per request',
          unit: 's',
          queries: [50, 95, 99].map((percent) => ({
            expr: `histogram_quantile(${percent / 100}, sum by (le) (rate(detrails_http_request_duration_seconds_bucket{$scope, route="/v1/enrich"}[$__rate_interval])))`,
            legend: `p${percent}`,
          })),
        },
        {
          title: 'Latency of /v1/enrich, all of it',
          description: 'Requests per bucket',
          kind: 'heatmap',
          unit: 's',
          queries: [
            {
              expr: 'sum by (le) (increase(detrails_http_request_duration_seconds_bucket{$scope, route="/v1/enrich"}[$__rate_interval]))',
              legend: '{{le}}',
            },
          ],
        },
        {
          title: 'Where a request spends its time',
          description: 'Mean per request and phase. "exchange" is the wait for the shared store',
          kind: 'stacked',
          unit: 's',
          queries: [
            {
              expr: 'sum by (phase) (rate(detrails_phase_duration_seconds_sum{$scope}[$__rate_interval])) / sum by (phase) (rate(detrails_phase_duration_seconds_count{$scope}[$__rate_interval]))',
              legend: '{{phase}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Records',
      panels: [
        {
          title: 'Records by result',
          description: '"degraded": the shared store could not be asked in time',
          kind: 'stacked',
          unit: 'short',
          width: 6,
          queries: [
            {
              expr: 'sum by (result) (rate(detrails_records_total{$scope}[$__rate_interval]))',
              legend: '{{result}}',
            },
          ],
        },
        {
          title: 'Records with an error, by code',
          description: 'The codes are in the README. Digest files, Insight and custom events are no fault',
          kind: 'stacked',
          unit: 'short',
          width: 6,
          queries: [
            {
              expr: 'sum by (code) (rate(detrails_record_errors_total{$scope}[$__rate_interval]))',
              legend: '{{code}}',
            },
          ],
        },
        {
          title: 'Records per request',
          description: 'More per request cost less per record',
          unit: 'short',
          width: 6,
          queries: [
            {
              expr: 'sum(rate(detrails_batch_records_sum{$scope}[$__rate_interval])) / sum(rate(detrails_batch_records_count{$scope}[$__rate_interval]))',
              legend: 'mean',
            },
            ...[50, 99].map((percent) => ({
              expr: `histogram_quantile(${percent / 100}, sum by (le) (rate(detrails_batch_records_bucket{$scope}[$__rate_interval])))`,
              legend: `p${percent}`,
            })),
          ],
        },
        {
          title: 'Bytes',
          description: 'Bodies per second, after decompression',
          unit: 'Bps',
          width: 6,
          queries: [
            { expr: 'sum(rate(detrails_request_bytes_total{$scope}[$__rate_interval]))', legend: 'received' },
          ],
        },
      ],
    },
    {
      title: 'Processes',
      panels: [
        {
          title: 'Event-loop lag, p99',
          description: 'How late the process gets to its next task. The alert is at 250 ms',
          unit: 's',
          queries: [{ expr: 'nodejs_eventloop_lag_p99_seconds{$scope}', legend: '{{instance}}' }],
        },
        {
          title: 'CPU',
          description: 'Cores in use',
          unit: 'short',
          queries: [
            {
              expr: 'rate(process_cpu_seconds_total{$scope}[$__rate_interval])',
              legend: '{{instance}}',
            },
          ],
        },
        {
          title: 'Memory',
          description: 'Resident, and the part that JavaScript objects use',
          unit: 'bytes',
          queries: [
            { expr: 'process_resident_memory_bytes{$scope}', legend: '{{instance}} resident' },
            { expr: 'nodejs_heap_size_used_bytes{$scope}', legend: '{{instance}} heap' },
          ],
        },
        {
          title: 'Waiting for admission',
          description: 'Requests that wait until others give their bytes back',
          unit: 'short',
          queries: [{ expr: 'detrails_admission_waiting{$scope}', legend: '{{instance}}' }],
        },
        {
          title: 'Bytes in work',
          description: 'Bounded by DETRAILS_ADMISSION_BYTES',
          unit: 'bytes',
          queries: [{ expr: 'detrails_admission_bytes{$scope}', legend: '{{instance}}' }],
        },
        {
          title: 'Callers refused',
          description: 'Without a key, with a wrong one, or without the scope',
          unit: 'reqps',
          queries: [
            {
              expr: 'sum by (reason) (rate(detrails_access_refused_total{$scope}[$__rate_interval]))',
              legend: '{{reason}}',
            },
          ],
        },
        {
          title: 'Reloads of keys and certificates',
          description: 'A failed one keeps what was in force',
          unit: 'short',
          queries: [
            {
              expr: 'sum by (kind, result) (increase(detrails_access_reloads_total{$scope}[$__range]))',
              legend: '{{kind}} {{result}}',
            },
          ],
        },
        {
          title: 'Uptime',
          description: 'Since the process started',
          unit: 's',
          queries: [{ expr: 'time() - process_start_time_seconds{$scope}', legend: '{{instance}}' }],
        },
      ],
    },
  ],
};
