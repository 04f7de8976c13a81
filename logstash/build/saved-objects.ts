import type { Dashboard, Panel } from './dashboard-types.ts';
import type { Engine } from './mapping.ts';
import { visualizationState } from './visualization.ts';

/** One line of an NDJSON export. */
export type SavedObject = {
  readonly id: string;
  readonly type: 'index-pattern' | 'visualization' | 'search' | 'dashboard';
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly references: readonly Reference[];
};
export type Reference = { readonly name: string; readonly type: string; readonly id: string };

/** A query to keep: a detection, or a panel that lists events. */
export type SavedQuery = {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly columns: readonly string[];
  readonly query: { readonly kql: string } | { readonly esql: string };
};

/** The data view that everything refers to: our data streams and the AWS integration's. */
export const DATA_VIEW_ID = 'detrails-cloudtrail';
export const DATA_VIEW_TITLE = 'logs-cloudtrail.*,logs-aws.cloudtrail-*';

const SOURCE = 'kibanaSavedObjectMeta.searchSourceJSON';

/** The data view itself. */
export function dataView(): SavedObject {
  const attributes = { title: DATA_VIEW_TITLE, timeFieldName: '@timestamp' };
  return { id: DATA_VIEW_ID, type: 'index-pattern', attributes, references: [] };
}

/** A panel's own saved object. */
export function panelObject(panel: Panel): SavedObject {
  const { id, title, query } = panel;
  if (panel.kind === 'events') {
    return searchObject({
      id: `detrails-${id}`,
      title,
      description: '',
      columns: panel.columns,
      query: { kql: query },
    });
  }
  return {
    id: `detrails-${id}`,
    type: 'visualization',
    attributes: {
      title,
      description: '',
      uiStateJSON: '{}',
      version: 1,
      visState: JSON.stringify(visualizationState(panel)),
      kibanaSavedObjectMeta: { searchSourceJSON: kqlSource(query) },
    },
    references: [DATA_VIEW],
  };
}

/** A saved search. One in ES|QL names its indices itself and refers to no data view. */
export function searchObject({ id, title, description, columns, query }: SavedQuery): SavedObject {
  const isKql = 'kql' in query;
  const source = isKql ? kqlSource(query.kql) : JSON.stringify({ query, filter: [] });
  return {
    id,
    type: 'search',
    attributes: {
      title,
      description,
      columns,
      sort: isKql ? [['@timestamp', 'desc']] : [],
      ...(isKql ? {} : { isTextBasedQuery: true }),
      kibanaSavedObjectMeta: { searchSourceJSON: source },
    },
    references: isKql ? [DATA_VIEW] : [],
  };
}

/** The dashboard that places the panels. */
export function dashboardObject(dashboard: Dashboard, engine: Engine): SavedObject {
  const places = placesOf(dashboard.panels);
  const panels = dashboard.panels.map((panel, index) => {
    const number = String(index + 1);
    return {
      version: engine === 'elastic' ? '8.9.0' : '7.9.3',
      ...(engine === 'elastic' ? { type: typeOf(panel) } : {}),
      gridData: { ...places[index], i: number },
      panelIndex: number,
      embeddableConfig: engine === 'elastic' ? { enhancements: {} } : {},
      panelRefName: `panel_${number}`,
    };
  });
  return {
    id: dashboard.id,
    type: 'dashboard',
    attributes: {
      title: dashboard.title,
      description: dashboard.description,
      optionsJSON: JSON.stringify({ useMargins: true, hidePanelTitles: false }),
      panelsJSON: JSON.stringify(panels),
      timeRestore: true,
      timeFrom: 'now-7d',
      timeTo: 'now',
      version: 1,
      kibanaSavedObjectMeta: {
        searchSourceJSON: JSON.stringify({ query: { query: '', language: 'kuery' }, filter: [] }),
      },
    },
    references: dashboard.panels.map((panel, index) => ({
      name: engine === 'elastic' ? `${index + 1}:panel_${index + 1}` : `panel_${index + 1}`,
      type: typeOf(panel),
      id: `detrails-${panel.id}`,
    })),
  };
}

/** The export, with the versions that make an importer migrate it forward from a known state. */
export function ndjson(objects: readonly SavedObject[], engine: Engine): string {
  return objects
    .map((object) => `${JSON.stringify({ ...object, ...versionsOf(object, engine) })}\n`)
    .join('');
}

const DATA_VIEW: Reference = { name: `${SOURCE}.index`, type: 'index-pattern', id: DATA_VIEW_ID };

const KIBANA_VERSIONS = {
  dashboard: '8.9.0',
  visualization: '8.5.0',
  search: '8.0.0',
  'index-pattern': '8.0.0',
} as const;
const OPENSEARCH_VERSIONS = {
  dashboard: '7.9.3',
  visualization: '7.10.0',
  search: '7.9.3',
  'index-pattern': '7.6.0',
} as const;

function versionsOf({ type }: SavedObject, engine: Engine): Record<string, unknown> {
  return engine === 'elastic'
    ? { coreMigrationVersion: '8.8.0', typeMigrationVersion: KIBANA_VERSIONS[type], managed: false }
    : { migrationVersion: { [type]: OPENSEARCH_VERSIONS[type] } };
}

function kqlSource(query: string): string {
  return JSON.stringify({ query: { query, language: 'kuery' }, filter: [], indexRefName: `${SOURCE}.index` });
}

function typeOf({ kind }: Panel): 'search' | 'visualization' {
  return kind === 'events' ? 'search' : 'visualization';
}

/** Left to right, a new row when the width is used up; a row is as high as its highest panel. */
function placesOf(panels: readonly Panel[]) {
  let x = 0;
  let y = 0;
  let rowHeight = 0;
  return panels.map(({ size }) => {
    if (x + size.w > 48) {
      x = 0;
      y += rowHeight;
      rowHeight = 0;
    }
    const place = { x, y, w: size.w, h: size.h };
    x += size.w;
    rowHeight = Math.max(rowHeight, size.h);
    return place;
  });
}
