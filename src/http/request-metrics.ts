import { type Metrics, ROUTES } from '../metrics.ts';

/** Counts and times an answered request; the route is its pattern, undefined where none answers. */
export type ObserveRequest = (
  route: string | undefined,
  method: string,
  status: number,
  seconds: number,
) => void;

type Child = { observe(seconds: number): void };
type ByStatusClass = (Child | undefined)[];

const KNOWN_METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT']);

/** Counts by route, method and class of status. Children are looked up once, and no key is built per request. */
export function requestObserver(metrics: Metrics): ObserveRequest {
  const known = new Map<string | undefined, Map<string, ByStatusClass>>();

  function childrenOf(route: string | undefined, method: string): ByStatusClass {
    const ofRoute = known.get(route) ?? new Map<string, ByStatusClass>();
    known.set(route, ofRoute);
    const children = ofRoute.get(method) ?? [];
    ofRoute.set(method, children);
    return children;
  }

  return (route, method, status, seconds) => {
    const children = known.get(route)?.get(method) ?? childrenOf(route, method);
    const statusClass = Math.floor(status / 100);
    let child = children[statusClass];
    if (child === undefined) {
      child = metrics.httpRequestDuration.labels({
        route: routeLabel(route),
        method: KNOWN_METHODS.has(method) ? method : 'other',
        status_class: `${statusClass}xx`,
      });
      children[statusClass] = child;
    }
    child.observe(seconds);
  };
}

function routeLabel(pattern: string | undefined): (typeof ROUTES)[number] {
  const base = pattern?.replace(/\/:.*$/, '');
  return ROUTES.find((route) => route === base) ?? 'other';
}
