/** How events are counted. Without a field: the number of events. */
export type Metric = {
  readonly agg: 'count' | 'sum' | 'max' | 'cardinality';
  readonly field?: string;
  readonly label: string;
};

/** The most frequent values of a field. */
export type Terms = { readonly field: string; readonly size: number; readonly label: string };

type Common = {
  readonly id: string;
  readonly title: string;
  /** KQL, which OpenSearch Dashboards calls DQL. */
  readonly query: string;
  /** In a grid of 48 columns. */
  readonly size: { readonly w: number; readonly h: number };
};

/** One panel. `area` runs over time; `events` lists single events. */
export type Panel = Common &
  (
    | { readonly kind: 'number'; readonly metric: Metric }
    | { readonly kind: 'area'; readonly metric: Metric; readonly split: Terms }
    | { readonly kind: 'bars'; readonly metric: Metric; readonly x: Terms; readonly split: Terms }
    | { readonly kind: 'heatmap'; readonly metric: Metric; readonly x: Terms; readonly y: Terms }
    | { readonly kind: 'table'; readonly metrics: readonly Metric[]; readonly rows: readonly Terms[] }
    | { readonly kind: 'events'; readonly columns: readonly string[] }
  );

/** A dashboard: panels placed left to right, top to bottom. */
export type Dashboard = {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly panels: readonly Panel[];
};
