/** What a dashboard shows, in the words of its author; {@link ./grafana.ts} writes it as Grafana wants it. */
export type Dashboard = {
  /** Stable: links and provisioning find the dashboard by it. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly rows: readonly Row[];
};

export type Row = { readonly title: string; readonly panels: readonly Panel[] };

export type Panel = {
  readonly title: string;
  /** What to make of it; shown behind the panel's (i). */
  readonly description: string;
  /** `lines` by default. */
  readonly kind?: 'lines' | 'stacked' | 'number' | 'heatmap' | 'table';
  /** A unit of Grafana: `reqps`, `s`, `bytes`, `percentunit`, `short`, ... */
  readonly unit: string;
  /** Of 24 columns; 8 by default, 4 for numbers. */
  readonly width?: number;
  readonly queries: readonly Query[];
};

export type Query = {
  /** PromQL. `$scope` stands for the matchers of the chosen installations. */
  readonly expr: string;
  /** `{{label}}` shows a label. */
  readonly legend?: string;
};

/** The matchers that `$scope` stands for. */
export const SCOPE = 'namespace=~"$namespace", job=~"$job"';

/** The query as Grafana sends it, but for its own variables. */
export function scoped(expr: string): string {
  return expr.replaceAll('$scope', SCOPE);
}
