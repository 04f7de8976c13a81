import type { Metric, Panel, Terms } from './dashboard-types.ts';

/** The state of an aggregation-based visualization, which Kibana and OpenSearch Dashboards both read. */
export function visualizationState(panel: Exclude<Panel, { kind: 'events' }>): Record<string, unknown> {
  const { type, params, aggs } = stateOf(panel);
  return {
    title: panel.title,
    type,
    params,
    aggs: aggs.map((agg, index) => ({ id: String(index + 1), enabled: true, ...agg })),
  };
}

type Agg = { readonly type: string; readonly schema: string; readonly params: Record<string, unknown> };
type State = {
  readonly type: string;
  readonly params: Record<string, unknown>;
  readonly aggs: readonly Agg[];
};

function stateOf(panel: Exclude<Panel, { kind: 'events' }>): State {
  switch (panel.kind) {
    case 'number':
      return { type: 'metric', params: NUMBER, aggs: [metric(panel.metric)] };
    case 'area':
      return {
        type: 'area',
        params: chart('area', 'bottom', panel.metric.label, true),
        aggs: [metric(panel.metric), overTime(), terms('group', panel.split)],
      };
    case 'bars':
      return {
        type: 'horizontal_bar',
        params: chart('histogram', 'left', panel.metric.label, true),
        aggs: [metric(panel.metric), terms('segment', panel.x), terms('group', panel.split)],
      };
    case 'heatmap':
      return {
        type: 'heatmap',
        params: HEATMAP,
        aggs: [metric(panel.metric), terms('segment', panel.x), terms('group', panel.y)],
      };
    default:
      return {
        type: 'table',
        params: TABLE,
        aggs: [...panel.metrics.map(metric), ...panel.rows.map((row) => terms('bucket', row))],
      };
  }
}

const NUMBER = {
  addTooltip: true,
  addLegend: false,
  type: 'metric',
  metric: {
    percentageMode: false,
    useRanges: false,
    colorSchema: 'Green to Red',
    metricColorMode: 'None',
    colorsRange: [{ from: 0, to: 10000 }],
    labels: { show: true },
    invertColors: false,
    style: { bgFill: '#000', bgColor: false, labelColor: false, subText: '', fontSize: 40 },
  },
};

const TABLE = {
  perPage: 10,
  showPartialRows: false,
  showMetricsAtAllLevels: false,
  showTotal: false,
  totalFunc: 'sum',
  percentageCol: '',
};

const HEATMAP = {
  type: 'heatmap',
  addTooltip: true,
  addLegend: true,
  enableHover: false,
  legendPosition: 'right',
  times: [],
  colorsNumber: 6,
  colorSchema: 'Reds',
  setColorRange: false,
  colorsRange: [],
  invertColors: false,
  percentageMode: false,
  valueAxes: [
    {
      show: false,
      id: 'ValueAxis-1',
      type: 'value',
      scale: { type: 'log', defaultYExtents: false },
      labels: { show: false, rotate: 0, overwriteColor: false, color: 'black' },
    },
  ],
};

function chart(type: 'area' | 'histogram', position: 'bottom' | 'left', label: string, stacked: boolean) {
  return {
    type: type === 'area' ? 'area' : 'histogram',
    grid: { categoryLines: false },
    categoryAxes: [
      {
        id: 'CategoryAxis-1',
        type: 'category',
        position,
        show: true,
        style: {},
        scale: { type: 'linear' },
        labels: { show: true, filter: true, truncate: position === 'left' ? 200 : 100 },
        title: {},
      },
    ],
    valueAxes: [
      {
        id: 'ValueAxis-1',
        name: 'LeftAxis-1',
        type: 'value',
        position: position === 'left' ? 'bottom' : 'left',
        show: true,
        style: {},
        scale: { type: 'linear', mode: 'normal' },
        labels: { show: true, rotate: 0, filter: position === 'left', truncate: 100 },
        title: { text: label },
      },
    ],
    seriesParams: [
      {
        show: true,
        type,
        mode: stacked ? 'stacked' : 'normal',
        data: { label, id: '1' },
        valueAxis: 'ValueAxis-1',
        drawLinesBetweenPoints: true,
        showCircles: true,
        interpolate: 'linear',
        lineWidth: 2,
      },
    ],
    addTooltip: true,
    addLegend: true,
    legendPosition: 'right',
    times: [],
    addTimeMarker: false,
    thresholdLine: { show: false, value: 10, width: 1, style: 'full', color: '#E7664C' },
    labels: { show: false },
  };
}

function metric({ agg, field, label }: Metric): Agg {
  return {
    type: agg,
    schema: 'metric',
    params: { ...(field === undefined ? {} : { field }), customLabel: label },
  };
}

function overTime(): Agg {
  return {
    type: 'date_histogram',
    schema: 'segment',
    params: {
      field: '@timestamp',
      useNormalizedEsInterval: true,
      scaleMetricValues: false,
      interval: 'auto',
      drop_partials: false,
      min_doc_count: 1,
      extended_bounds: {},
    },
  };
}

function terms(schema: 'segment' | 'group' | 'bucket', { field, size, label }: Terms): Agg {
  return {
    type: 'terms',
    schema,
    params: {
      field,
      orderBy: '1',
      order: 'desc',
      size,
      otherBucket: false,
      otherBucketLabel: 'Other',
      missingBucket: false,
      missingBucketLabel: 'Missing',
      customLabel: label,
    },
  };
}
