import { ACCESS_LEVEL_NAMES, type AccessLevelName } from '../../../src/knowledge/actions-file.ts';

/**
 * One access level out of what AWS publishes. Since August 2026 the strings are composite: every action
 * that writes says `Write`, and those of the two special kinds say so in front (`Tagging, Write`,
 * `Permissions management, Write`). The special kind is the level AWS has always given these actions, so
 * `Write` steps back behind it; of what remains the highest counts.
 *
 * @throws on a word that is no access level: data we do not understand must not ship.
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
export function normalizeLevel(published: string, action: string): AccessLevelName {
  const words = published.split(',').map((word) => word.trim());
  const levels = words.map((word) => levelNamed(word, published, action));
  const isSpecial = levels.includes('Tagging') || levels.includes('Permissions management');
  const candidates = isSpecial ? levels.filter((level) => level !== 'Write') : levels;
  return (
    ACCESS_LEVEL_NAMES[Math.max(...candidates.map((level) => ACCESS_LEVEL_NAMES.indexOf(level)))] ?? 'List'
  );
}

function levelNamed(word: string, published: string, action: string): AccessLevelName {
  const level = ACCESS_LEVEL_NAMES.find((name) => name === word);
  if (level === undefined)
    throw new Error(`${action} has an unknown access level: ${JSON.stringify(published)}`);
  return level;
}
