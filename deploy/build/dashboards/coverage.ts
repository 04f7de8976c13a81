import type { Dashboard } from '../dashboard.ts';

/** What share of the records got which enrichment, what the data did not know, and how old it is. */
export const COVERAGE: Dashboard = {
  uid: 'detrails-coverage',
  title: 'detrails / coverage',
  description: 'What records got, what the data did not know, and how old it is',
  rows: [
    {
      title: 'Enrichments',
      panels: [
        {
          title: 'Share of records by enrichment',
          description: 'Not every record can have every one: a share that changes is what to look at',
          unit: 'percentunit',
          width: 12,
          queries: [
            {
              expr: 'avg by (enricher) (job_enricher:detrails_enrichment_hits:ratio_rate5m{$scope})',
              legend: '{{enricher}}',
            },
          ],
        },
        {
          title: 'Unknown to the data',
          description: 'Operations whose action was inferred, and user agents that are no known client',
          unit: 'percentunit',
          width: 12,
          queries: [
            {
              expr: 'sum(rate(detrails_unknown_operations_total{$scope}[$__rate_interval])) / sum(rate(detrails_records_total{$scope}[$__rate_interval]))',
              legend: 'operations',
            },
            {
              expr: 'sum(rate(detrails_unknown_user_agents_total{$scope}[$__rate_interval])) / sum(rate(detrails_records_total{$scope}[$__rate_interval]))',
              legend: 'user agents',
            },
          ],
        },
      ],
    },
    {
      title: 'Verdicts',
      panels: [
        {
          title: 'Sources of temporary keys',
          description: '"late": the event that completed the picture came after the use',
          kind: 'stacked',
          unit: 'short',
          queries: [
            {
              expr: 'sum by (verdict, late) (rate(detrails_session_verdicts_total{$scope}[$__rate_interval]))',
              legend: '{{verdict}} late={{late}}',
            },
          ],
        },
        {
          title: 'Policy events by status',
          description: 'Where the analysis came from',
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
          title: 'Findings about policies',
          description: 'By type',
          kind: 'stacked',
          unit: 'short',
          queries: [
            {
              expr: 'sum by (type) (rate(detrails_policy_findings_total{$scope}[$__rate_interval]))',
              legend: '{{type}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Data',
      panels: [
        {
          title: 'Age of the data',
          description: 'The alert is at 100 days; the refresh is monthly',
          unit: 's',
          queries: [{ expr: 'max by (dataset) (detrails_data_age_seconds{$scope})', legend: '{{dataset}}' }],
        },
        {
          title: 'Versions of the data',
          description: 'Two rows for a data set are two versions in one fleet',
          kind: 'table',
          unit: 'short',
          queries: [{ expr: 'count by (job, dataset, version) (detrails_data_info{$scope})' }],
        },
        {
          title: 'Versions of the service',
          description: 'Two rows are a roll-out in progress',
          kind: 'table',
          unit: 'short',
          queries: [
            { expr: 'count by (job, version, revision, node_version) (detrails_build_info{$scope})' },
          ],
        },
        {
          title: 'Reloads of the context',
          description: 'A file that is not usable leaves the one before in force',
          unit: 'short',
          width: 24,
          queries: [
            {
              expr: 'sum by (kind, result) (increase(detrails_context_reloads_total{$scope}[$__rate_interval]))',
              legend: '{{kind}} {{result}}',
            },
          ],
        },
      ],
    },
  ],
};
