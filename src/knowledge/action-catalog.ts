import type { ActionCatalog } from '../iam/catalog.ts';
import { type ActionsFile, LEVEL_LETTERS } from './actions-file.ts';

/** The catalog of AWS's actions out of `services` of `data/actions.json`. */
export function buildActionCatalog(file: Pick<ActionsFile, 'services' | 'catalog_hash'>): ActionCatalog {
  const names: string[] = [];
  const lowerNames: string[] = [];
  const services = new Map<string, readonly [first: number, end: number]>();
  let letters = '';

  for (const [prefix, actions] of Object.entries(file.services)) {
    const first = names.length;
    const prefixed = `${prefix}:${actions.names.replaceAll(' ', ` ${prefix}:`)}`;
    for (const name of prefixed.split(' ')) names.push(name);
    for (const name of prefixed.toLowerCase().split(' ')) lowerNames.push(name);
    letters += actions.levels;
    services.set(prefix.toLowerCase(), [first, names.length]);
  }
  const idOf = lazyIds(lowerNames, services);
  return {
    names,
    lowerNames,
    levels: mapLetters(letters, (letter) => LEVEL_LETTERS.indexOf(letter.toUpperCase())),
    restrictable: mapLetters(letters, (letter) => (LEVEL_LETTERS.includes(letter) ? 1 : 0)),
    retired: retiredFlags(file.services, names.length, idOf),
    services,
    idOf,
    hash: file.catalog_hash,
  };
}

/** One number per letter; the mapping is asked once for each of the few letters there are. */
function mapLetters(letters: string, mapping: (letter: string) => number): Uint8Array {
  const byCode = new Uint8Array(128);
  for (const letter of LEVEL_LETTERS + LEVEL_LETTERS.toLowerCase()) {
    byCode[letter.charCodeAt(0)] = mapping(letter);
  }
  const numbers = new Uint8Array(letters.length);
  for (let id = 0; id < letters.length; id++) numbers[id] = byCode[letters.charCodeAt(id)] ?? 0;
  return numbers;
}

function retiredFlags(
  services: ActionsFile['services'],
  size: number,
  idOf: ActionCatalog['idOf'],
): Uint8Array {
  const flags = new Uint8Array(size);
  for (const [prefix, { retired }] of Object.entries(services)) {
    for (const name of retired?.split(' ') ?? []) {
      const id = idOf(`${prefix}:${name}`.toLowerCase());
      if (id !== undefined) flags[id] = 1;
    }
  }
  return flags;
}

/** Ids by name, indexed per service when one of its names is first asked for: most services never are. */
function lazyIds(
  lowerNames: readonly string[],
  services: ActionCatalog['services'],
): (lowerName: string) => number | undefined {
  const byService = new Map<string, ReadonlyMap<string, number>>();
  return (lowerName) => {
    const service = lowerName.slice(0, Math.max(0, lowerName.indexOf(':')));
    const known = byService.get(service);
    if (known !== undefined) return known.get(lowerName);
    const range = services.get(service);
    if (range === undefined) return undefined;
    const ids = new Map<string, number>();
    for (let id = range[0]; id < range[1]; id++) ids.set(lowerNames[id] ?? '', id);
    byService.set(service, ids);
    return ids.get(lowerName);
  };
}
