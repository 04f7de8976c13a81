import { RECORD_ERRORS, type RecordErrorCode } from '../cloudtrail/record-error.ts';
import type { Detrails } from './output.ts';

/**
 * Writes `detrails` as JSON, section by section. Enrichers answer the same frozen object for the same
 * verdict, so its text is made once and found again by identity: most records cost a few map look-ups.
 */

/** How many fields: `standard` leaves out those whose description in the schema starts with "(full)". */
export type Profile = 'standard' | 'full';

/** Every section of `detrails` but `schema`, in the order they are written. */
export const SECTIONS = [
  'action',
  'attack',
  'risk',
  'policy',
  'session',
  'tool',
  'context',
  'degraded',
  'error',
  'explain',
] as const;
export type SectionName = (typeof SECTIONS)[number];

/** Fields that only profile `full` shows, per section. `presentAttack` takes out a technique's evidence. */
export const FULL_ONLY: { readonly [Section in SectionName]?: readonly string[] } = {
  action: ['conditional'],
  session: ['sources', 'source_count'],
};

/** What the enrichers answered for one record. */
export type Sections = { readonly [Name in SectionName]?: Detrails[Name] | undefined };

const TEXTS: { readonly [P in Profile]: WeakMap<object, string> } = {
  standard: new WeakMap(),
  full: new WeakMap(),
};

/** `{"schema":"1",…}`. */
export function detrailsText(sections: Sections, profile: Profile): string {
  let text = '{"schema":"1"';
  for (const name of SECTIONS) {
    const section = sections[name];
    if (section !== undefined) text += sectionText(name, section, profile);
  }
  return `${text}}`;
}

const ERROR_TEXTS: { readonly [Code in RecordErrorCode]: string } = Object.fromEntries(
  (Object.keys(RECORD_ERRORS) as RecordErrorCode[]).map((code) => [
    code,
    detrailsText({ error: { code, detail: RECORD_ERRORS[code] } }, 'full'),
  ]),
) as { [Code in RecordErrorCode]: string };

/** `detrails` of a record that could not be enriched. */
export function errorText(code: RecordErrorCode): string {
  return ERROR_TEXTS[code];
}

/** The JSON of a frozen object, made once. */
export function frozenText(value: object): string {
  const known = TEXTS.full.get(value);
  if (known !== undefined) return known;
  const text = JSON.stringify(value);
  TEXTS.full.set(value, text);
  return text;
}

/** `,"name":{…}`, from the cache when the section is one that comes again. */
function sectionText(name: SectionName, section: object, profile: Profile): string {
  const texts = TEXTS[profile];
  const known = texts.get(section);
  if (known !== undefined) return known;
  const shown = profile === 'full' ? section : withoutFullOnly(name, section);
  const text = `,"${name}":${JSON.stringify(shown)}`;
  if (Object.isFrozen(section)) texts.set(section, text);
  return text;
}

function withoutFullOnly(name: SectionName, section: object): object {
  const fields = FULL_ONLY[name];
  if (fields === undefined) return section;
  const shown: Record<string, unknown> = { ...section };
  for (const field of fields) delete shown[field];
  return shown;
}
