import { catalog } from './knowledge.ts';

/**
 * What a policy says about one action, read the slow and plain way: regular expressions, one statement at a
 * time, no sets. The comparison with Cloudsplaining explains differences by it, so it shares no code with
 * the library.
 */

export type PlainStatement = { readonly [member: string]: unknown };

/** One statement that names the action. */
export type Mention = {
  readonly effect: 'Allow' | 'Deny';
  readonly statement: PlainStatement;
  readonly hasCondition: boolean;
  readonly reach: 'star' | 'starInList' | 'arnPattern' | 'notResource' | 'narrow';
  /** How the action was spelled: the exact name, another case, or a pattern. */
  readonly spelling: 'exact' | 'otherCase' | 'pattern' | 'notAction';
  readonly pattern: string;
};

/** The statements of a document, as far as they are objects. */
export function plainStatements(document: unknown): PlainStatement[] {
  const value = typeof document === 'string' ? parse(document) : document;
  const statement = isObject(value) ? value['Statement'] : undefined;
  return (Array.isArray(statement) ? statement : [statement]).filter(isObject);
}

/** Every statement that names `action` (AWS's spelling). */
export function mentionsOf(document: unknown, action: string): Mention[] {
  const mentions: Mention[] = [];
  for (const statement of plainStatements(document)) {
    const effect = statement['Effect'];
    if (effect !== 'Allow' && effect !== 'Deny') continue;
    const negated = statement['Action'] === undefined;
    const patterns = list(statement[negated ? 'NotAction' : 'Action']);
    if (patterns.length === 0) continue;
    const matching = patterns.filter((pattern) => globMatches(pattern.toLowerCase(), action.toLowerCase()));
    if (negated === matching.length > 0) continue;
    const pattern = matching.includes(action) ? action : (matching[0] ?? '');
    mentions.push({
      effect,
      statement,
      hasCondition: isObject(statement['Condition']) && Object.keys(statement['Condition']).length > 0,
      reach: reachOf(statement),
      spelling: negated ? 'notAction' : spellingOf(pattern, action),
      pattern,
    });
  }
  return mentions;
}

/** A glob as a regular expression: fine for a test, never for hostile input. */
export function globMatches(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '[^]*')
    .replaceAll('?', '[^]');
  return new RegExp(`^${source}$`).test(text);
}

export function levelOf(action: string): number | undefined {
  const id = catalog.idOf(action.toLowerCase());
  return id === undefined ? undefined : catalog.levels[id];
}

export function isRestrictable(action: string): boolean {
  const id = catalog.idOf(action.toLowerCase());
  return id !== undefined && catalog.restrictable[id] === 1;
}

export function list(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string' && one !== '');
}

export function isObject(value: unknown): value is PlainStatement {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function reachOf(statement: PlainStatement): Mention['reach'] {
  if (statement['Resource'] === undefined && statement['NotResource'] !== undefined) return 'notResource';
  const resources = list(statement['Resource']);
  if (resources.length === 1 && resources[0] === '*') return 'star';
  if (resources.includes('*')) return 'starInList';
  return resources.some((one) => one.includes('*')) ? 'arnPattern' : 'narrow';
}

function spellingOf(pattern: string, action: string): Mention['spelling'] {
  if (pattern === action) return 'exact';
  return /[*?]/.test(pattern) ? 'pattern' : 'otherCase';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
