import type { ActionCatalog } from '../../src/iam/catalog.ts';

/** A small catalog of the given actions; those with `°` at the end have no resource type, with `†` are retired. */
export function smallCatalog(actions: readonly string[]): ActionCatalog {
  const rows = actions
    .map((action) => ({
      name: action.replace(/[°†]/g, ''),
      isOpen: action.includes('°'),
      isRetired: action.includes('†'),
    }))
    .sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
  const names = rows.map(({ name }) => name);
  const lowerNames = names.map((name) => name.toLowerCase());
  const services = new Map<string, [number, number]>();
  lowerNames.forEach((name, id) => {
    const service = name.slice(0, name.indexOf(':'));
    services.set(service, [services.get(service)?.[0] ?? id, id + 1]);
  });
  const ids = new Map(lowerNames.map((name, id) => [name, id]));
  return {
    names,
    lowerNames,
    levels: Uint8Array.from(names, () => 3),
    restrictable: Uint8Array.from(rows, ({ isOpen }) => (isOpen ? 0 : 1)),
    retired: Uint8Array.from(rows, ({ isRetired }) => (isRetired ? 1 : 0)),
    services,
    idOf: (name) => ids.get(name),
    hash: `small-${names.length}`,
  };
}
