import { type FetchOptions, fetchJson } from './fetch-json.ts';
import { parseServiceDocument, parseServiceList, type ServiceReference } from './service-reference.ts';

/** Requests under way at once. */
const CONCURRENCY = 8;

/**
 * Downloads every service's document. `baseUrl` is where the list of services lies; the documents are
 * asked of the same origin, whatever host the list names. `onProgress` hears after each document.
 */
export async function downloadReference(
  baseUrl: string,
  options: FetchOptions,
  onProgress: (done: number, total: number) => void,
): Promise<ServiceReference> {
  const entries = parseServiceList(await fetchJson(baseUrl, options));
  const documents = new Map<string, ServiceReference>();
  let next = 0;
  const work = async (): Promise<void> => {
    for (let entry = entries[next++]; entry !== undefined; entry = entries[next++]) {
      const { service, url } = entry;
      const { pathname } = new URL(url, baseUrl);
      const document = await fetchJson(new URL(pathname, baseUrl).href, options);
      documents.set(service, parseServiceDocument(service, document));
      onProgress(documents.size, entries.length);
    }
  };
  const workers = Array.from({ length: CONCURRENCY }, () =>
    work().catch((error: unknown) => {
      next = entries.length;
      throw error;
    }),
  );
  await Promise.all(workers);
  return merge(documents);
}

function merge(documents: ReadonlyMap<string, ServiceReference>): ServiceReference {
  const all = [...documents.keys()].sort().map((service) => documents.get(service));
  return {
    actions: new Map(all.flatMap((document) => [...(document?.actions ?? [])])),
    operations: new Map(all.flatMap((document) => [...(document?.operations ?? [])])),
  };
}
