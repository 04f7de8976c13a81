import { type Dashboard, type Panel, type Query, scoped } from './dashboard.ts';

/** Writes a dashboard in Grafana's format. Version 39 of it is read by Grafana 10 and newer. */
export function grafanaDashboard(dashboard: Dashboard): unknown {
  return {
    uid: dashboard.uid,
    title: dashboard.title,
    description: dashboard.description,
    tags: ['detrails'],
    schemaVersion: 39,
    editable: true,
    graphTooltip: 1,
    time: { from: 'now-6h', to: 'now' },
    refresh: '1m',
    timezone: '',
    links: [
      {
        type: 'dashboards',
        title: 'detrails',
        tags: ['detrails'],
        asDropdown: true,
        keepTime: true,
        includeVars: true,
      },
    ],
    templating: { list: VARIABLES },
    annotations: { list: [] },
    panels: layOut(dashboard),
  };
}

const DATASOURCE = { type: 'prometheus', uid: '$datasource' };

const VARIABLES = [
  { type: 'datasource', name: 'datasource', label: 'Data source', query: 'prometheus', hide: 0 },
  // An installation outside Kubernetes has no namespace: "All" must match the absent label too.
  variable('namespace', 'Namespace', 'label_values(detrails_build_info, namespace)', '.*'),
  variable('job', 'Job', 'label_values(detrails_build_info{namespace=~"$namespace"}, job)', undefined),
];

function variable(name: string, label: string, query: string, allValue: string | undefined): unknown {
  return {
    type: 'query',
    name,
    label,
    datasource: DATASOURCE,
    query: { query, refId: name },
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    ...(allValue !== undefined && { allValue }),
    current: { selected: true, text: ['All'], value: ['$__all'] },
    hide: 0,
  };
}

const COLUMNS = 24;

/** Rows from top to bottom, panels from left to right, wrapped at 24 columns. */
function layOut({ rows }: Dashboard): unknown[] {
  const placed: unknown[] = [];
  let id = 1;
  let y = 0;
  for (const row of rows) {
    placed.push({
      id: id++,
      type: 'row',
      title: row.title,
      collapsed: false,
      gridPos: { x: 0, y, w: COLUMNS, h: 1 },
      panels: [],
    });
    y += 1;
    let x = 0;
    let height = 0;
    for (const panel of row.panels) {
      const [w, h] = [panel.width ?? (panel.kind === 'number' ? 4 : 8), panel.kind === 'number' ? 4 : 8];
      if (x + w > COLUMNS) {
        [x, y, height] = [0, y + height, 0];
      }
      placed.push({ id: id++, gridPos: { x, y, w, h }, ...renderPanel(panel) });
      x += w;
      height = Math.max(height, h);
    }
    y += height;
  }
  return placed;
}

function renderPanel(panel: Panel): object {
  const kind = panel.kind ?? 'lines';
  return {
    title: panel.title,
    description: panel.description,
    datasource: DATASOURCE,
    targets: panel.queries.map((query, index) => renderQuery(query, index, kind)),
    ...RENDERERS[kind](panel.unit),
  };
}

function renderQuery({ expr, legend }: Query, index: number, kind: NonNullable<Panel['kind']>): object {
  return {
    refId: String.fromCharCode('A'.charCodeAt(0) + index),
    datasource: DATASOURCE,
    expr: scoped(expr),
    legendFormat: legend ?? '__auto',
    ...(kind === 'heatmap' && { format: 'heatmap' }),
    ...(kind === 'table'
      ? { format: 'table', instant: true, range: false }
      : { instant: false, range: true }),
  };
}

const LEGEND = { displayMode: 'list', placement: 'bottom', showLegend: true };

const RENDERERS: Readonly<Record<NonNullable<Panel['kind']>, (unit: string) => object>> = {
  lines: (unit) => series(unit, { fillOpacity: 0, lineWidth: 1, showPoints: 'never' }),
  stacked: (unit) =>
    series(unit, {
      fillOpacity: 30,
      lineWidth: 1,
      showPoints: 'never',
      stacking: { mode: 'normal', group: 'A' },
    }),
  number: (unit) => ({
    type: 'stat',
    fieldConfig: { defaults: { unit, noValue: '-' }, overrides: [] },
    options: {
      colorMode: 'none',
      graphMode: 'area',
      justifyMode: 'auto',
      textMode: 'auto',
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
    },
  }),
  heatmap: (unit) => ({
    type: 'heatmap',
    fieldConfig: { defaults: {}, overrides: [] },
    options: {
      calculate: false,
      cellGap: 1,
      color: { mode: 'scheme', scheme: 'Oranges', steps: 64, exponent: 0.5 },
      yAxis: { unit },
      tooltip: { mode: 'single', showColorScale: true },
      legend: { show: true },
    },
  }),
  table: (unit) => ({
    type: 'table',
    fieldConfig: { defaults: { unit }, overrides: [] },
    options: { showHeader: true, cellHeight: 'sm' },
    transformations: [
      {
        id: 'organize',
        options: { excludeByName: { Time: true, __name__: true, instance: true, pod: true, Value: true } },
      },
    ],
  }),
};

function series(unit: string, custom: object): object {
  return {
    type: 'timeseries',
    fieldConfig: { defaults: { unit, min: 0, custom }, overrides: [] },
    options: { legend: LEGEND, tooltip: { mode: 'multi', sort: 'desc' } },
  };
}
