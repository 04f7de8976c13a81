import { type ByteText, byteText } from '../cloudtrail/byte-text.ts';
import { RECORD_ERRORS, type RecordErrorCode } from '../cloudtrail/record-error.ts';
import type { Detrails } from './output.ts';

/**
 * Writes `detrails` as JSON, section by section. Enrichers answer the same frozen object for the same
 * verdict, so its text is made once and found again by identity: most records cost a few map look-ups.
 * The sections are written out by name: a loop over names reads every one of them the slow way.
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

const TEXTS: { readonly [P in Profile]: WeakMap<object, ByteText> } = {
  standard: new WeakMap(),
  full: new WeakMap(),
};

/** `{"schema":"1",…}`. */
export function detrailsText(sections: Sections, profile: Profile): ByteText {
  const { action, attack, risk } = sections;
  let lead: string = LEAD;
  if (action !== undefined) lead += sectionText('action', action, profile);
  if (attack !== undefined) lead += sectionText('attack', attack, profile);
  if (risk !== undefined) lead += sectionText('risk', risk, profile);
  return `${lead}${restText(sections, profile)}` as ByteText;
}

/** How every `detrails` begins; sections follow. */
export const LEAD = '{"schema":"1"' as ByteText;

/** What follows the section `risk`, the closing brace included. */
export function restText(sections: Sections, profile: Profile): ByteText {
  const { policy, session, tool, context, degraded, error, explain } = sections;
  let text = '';
  if (policy !== undefined) text += sectionText('policy', policy, profile);
  if (session !== undefined) text += sectionText('session', session, profile);
  if (tool !== undefined) text += sectionText('tool', tool, profile);
  if (context !== undefined) text += sectionText('context', context, profile);
  if (degraded !== undefined) text += sectionText('degraded', degraded, profile);
  if (error !== undefined) text += sectionText('error', error, profile);
  if (explain !== undefined) text += sectionText('explain', explain, profile);
  return `${text}}` as ByteText;
}

/** `,"name":{…}`, from the cache when the section is one that comes again. */
export function sectionText(name: SectionName, section: object, profile: Profile): ByteText {
  const texts = TEXTS[profile];
  const known = texts.get(section);
  if (known !== undefined) return known;
  const shown = profile === 'full' ? section : withoutFullOnly(name, section);
  const text = byteText(`,"${name}":${JSON.stringify(shown)}`);
  if (Object.isFrozen(section)) texts.set(section, text);
  return text;
}

const ERROR_TEXTS: { readonly [Code in RecordErrorCode]: ByteText } = Object.fromEntries(
  (Object.keys(RECORD_ERRORS) as RecordErrorCode[]).map((code) => [
    code,
    detrailsText({ error: { code, detail: RECORD_ERRORS[code] } }, 'full'),
  ]),
) as { [Code in RecordErrorCode]: ByteText };

/** `detrails` of a record that could not be enriched. */
export function errorText(code: RecordErrorCode): ByteText {
  return ERROR_TEXTS[code];
}

function withoutFullOnly(name: SectionName, section: object): object {
  const fields = FULL_ONLY[name];
  if (fields === undefined) return section;
  const shown: Record<string, unknown> = { ...section };
  for (const field of fields) delete shown[field];
  return shown;
}
