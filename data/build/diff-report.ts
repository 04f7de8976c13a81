import { fileURLToPath } from 'node:url';
import { compareFacts, type FactsDiff, guardFaults } from './diff/compare.ts';
import { openEdition } from './diff/edition.ts';
import { FACT_KINDS, type FactKind, readFacts } from './diff/facts.ts';

/** A report in Markdown, and what stops the refresh. */
export type DiffReport = { readonly text: string; readonly faults: readonly string[] };

/** Lines of one list; the rest is counted. */
const MOST_LINES = 200;

/**
 * Compares two editions of `data/`: directories, or revisions of git in the repository at `root`. A kind
 * of knowledge that only one of them has is named, not compared, unless the newer one has lost it.
 */
export function diffReport(beforeName: string, afterName: string, root: string): DiffReport {
  const [before, after] = [openEdition(beforeName, root), openEdition(afterName, root)];
  const sections = [`# Data: ${after.label} against ${before.label}`];
  const faults: string[] = [];
  for (const kind of FACT_KINDS) {
    const [old, now] = [readFacts(before, kind), readFacts(after, kind)];
    if (old !== undefined && now !== undefined) {
      const diff = compareFacts(old, now);
      sections.push(section(kind, diff));
      faults.push(...guardFaults(kind, diff));
    } else if (old !== undefined) {
      sections.push(`## ${kind.title}\n\n${kind.file} is gone.`);
      faults.push(`${kind.title}: ${kind.file} is gone`);
    } else if (now !== undefined) {
      sections.push(`## ${kind.title}\n\n${kind.file} is new: ${now.size}.`);
    }
  }
  if (faults.length > 0) sections.push(`## Stopped\n\n${faults.map((fault) => `- ${fault}`).join('\n')}`);
  return { text: `${sections.join('\n\n')}\n`, faults };
}

function section({ title }: FactKind, { before, after, added, removed, changed }: FactsDiff): string {
  const lines = [
    ...list(
      'added',
      added.map(([id, text]) => `\`${id}\` ${text}`),
    ),
    ...list(
      'removed',
      removed.map(([id, text]) => `\`${id}\` ${text}`),
    ),
    ...list(
      'changed',
      changed.map(([id, old, now]) => `\`${id}\` ${old} -> ${now}`),
    ),
  ];
  return [`## ${title}\n\n${before} before, ${after} now.`, ...lines].join('\n\n');
}

function list(what: string, lines: readonly string[]): readonly string[] {
  if (lines.length === 0) return [];
  const shown = lines.slice(0, MOST_LINES).map((line) => `- ${line}`);
  if (lines.length > MOST_LINES) shown.push(`- and ${lines.length - MOST_LINES} more`);
  return [`${lines.length} ${what}:`, shown.join('\n')];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const words = process.argv.slice(2).filter((word) => word !== '--accept');
  const [before = 'HEAD', after = 'data'] = words;
  const { text, faults } = diffReport(before, after, process.cwd());
  process.stdout.write(text);
  // --accept: somebody has looked.
  if (faults.length > 0 && !process.argv.includes('--accept')) process.exitCode = 1;
}
