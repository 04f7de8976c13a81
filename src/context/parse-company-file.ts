import { type Company, companySchema } from './company.ts';
import { companyConflicts } from './company-conflicts.ts';
import { type DocumentPath, type Fault, pathText, readYaml, type YamlDocument } from './read-yaml.ts';

/** A company file read: the company, or everything that is wrong with the file. */
export type CompanyFile =
  | { readonly ok: true; readonly company: Company }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** The largest company file read, in characters; 10,000 networks take less than a quarter of it. */
export const LARGEST_COMPANY_FILE = 4 * 1024 * 1024;

const MOST_FAULTS = 1000;

/**
 * Reads a company file. All faults come at once, by line: syntax, unknown keys, wrong values and
 * contradictions between entries. A file with any fault gives no company. Never throws, never quotes
 * values. An empty file is an empty company.
 */
export function parseCompanyFile(text: string, format: 'yaml' | 'json'): CompanyFile {
  if (text.length > LARGEST_COMPANY_FILE) {
    return { ok: false, faults: [{ line: 1, path: '', message: 'is larger than 4 MiB' }] };
  }
  const { document, faults: syntax } = readYaml(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  const faults = [...syntax, ...(format === 'json' ? jsonFaults(text, syntax) : [])];
  if (document === undefined) return failed(faults);
  const value = document.value ?? {};
  const parsed = companySchema.safeParse(value === '' ? {} : value);
  // What could not be read is missing for the schema too; once is enough.
  const told = new Set(syntax.map((fault) => fault.path).filter((path) => path !== ''));
  for (const issue of parsed.error?.issues ?? []) {
    faults.push(...issueFaults(issue, document).filter((fault) => !told.has(fault.path)));
  }
  for (const { path, message } of companyConflicts(value)) faults.push(faultAt(document, path, message));
  return parsed.success && faults.length === 0 ? { ok: true, company: parsed.data } : failed(faults);
}

function failed(faults: readonly Fault[]): CompanyFile {
  const sorted = [...faults].sort((a, b) => a.line - b.line);
  if (sorted.length <= MOST_FAULTS) return { ok: false, faults: sorted };
  const rest = { line: 1, path: '', message: `has ${sorted.length - MOST_FAULTS} faults more` };
  return { ok: false, faults: [...sorted.slice(0, MOST_FAULTS), rest] };
}

/** YAML that is no JSON, in a file that claims to be JSON, is a mistake worth telling. */
function jsonFaults(text: string, syntax: readonly Fault[]): readonly Fault[] {
  if (syntax.length > 0 || text.trim() === '') return [];
  try {
    JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
    return [];
  } catch (error) {
    const offset = Number(/position (\d{1,9})/.exec(String(error))?.[1] ?? 0);
    return [{ line: text.slice(0, offset).split('\n').length, path: '', message: 'is not JSON' }];
  }
}

type Issue = {
  readonly code?: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
  readonly issues?: readonly Issue[];
};

function issueFaults(issue: Issue, document: YamlDocument): readonly Fault[] {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
  if (issue.code === 'unrecognized_keys') {
    return (issue.keys ?? []).map((key) => faultAt(document, [...path, key], 'is no known key'));
  }
  const missing = memberAt(document.value, path) === undefined && path.length > 0;
  // A record names its faulty key in `issues`; the key itself is in the path.
  const message = issue.issues?.[0]?.message ?? issue.message;
  return [faultAt(document, path, missing ? 'is required' : message)];
}

function faultAt(document: YamlDocument, path: DocumentPath, message: string): Fault {
  return { line: document.lineOf(path), path: pathText(path), message };
}

function memberAt(root: unknown, path: DocumentPath): unknown {
  let value = root;
  for (const step of path) {
    // One value written where a list may stand is read as a list of one: `cidr[0]` is `cidr`.
    if (typeof value === 'string') return value;
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}
