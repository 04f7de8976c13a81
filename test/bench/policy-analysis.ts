import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { analyzePolicy } from '../../src/iam/analyze-policy.ts';
import { loadPolicyKnowledge } from '../../src/knowledge/policy-knowledge.ts';
import { hostileDocuments } from '../iam/hostile-documents.ts';
import { productDocuments } from '../iam/product-documents.ts';
import { sharedPath } from '../shared.ts';

/** What the analysis of policy documents costs. Alone: `node26 test/bench/policy-analysis.ts`. */

type Figure = { name: string; value: number; unit: string; note?: string };

/** AWS-managed policies each analyzed once per round, and every hostile document; the fastest of some rounds. */
export async function run(): Promise<Figure[]> {
  const knowledge = loadPolicyKnowledge();
  const figures: Figure[] = [];
  const path = sharedPath('reference/iam/managed-policies.jsonl');
  if (path !== undefined) {
    const texts = readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.stringify((JSON.parse(line) as { document: unknown }).document));
    const times = bestTimes(texts, 7, (text) => analyzePolicy(text, {}, knowledge));
    const sorted = times.map(({ ms }) => ms).sort((a, b) => a - b);
    const at = (share: number): number =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    const note = `${texts.length} AWS-managed policies, as text`;
    figures.push({ name: 'policy analysis, median', value: at(0.5), unit: 'ms', note });
    figures.push({ name: 'policy analysis, p99', value: at(0.99), unit: 'ms', note });
    figures.push({ name: 'policy analysis, slowest', value: at(1), unit: 'ms', note });
  }
  for (const [name, text] of [...hostileDocuments(knowledge.catalog), ...productDocuments()]) {
    const [time] = bestTimes([text], 10, () => analyzePolicy(text, { accountId: '123456789012' }, knowledge));
    const { status } = analyzePolicy(text, { accountId: '123456789012' }, knowledge);
    figures.push({
      name: `hostile: ${name}`,
      value: time?.ms ?? 0,
      unit: 'ms',
      note: `${text.length} characters, ${status}`,
    });
  }
  return figures;
}

/** The fastest of some rounds per input: other load on the machine slows single calls, never speeds them. */
function bestTimes(
  texts: readonly string[],
  rounds: number,
  work: (text: string) => unknown,
): { readonly text: string; readonly ms: number }[] {
  const best = texts.map((text) => ({ text, ms: Number.POSITIVE_INFINITY }));
  for (let round = 0; round < rounds; round++) {
    for (const entry of best) {
      const start = performance.now();
      work(entry.text);
      entry.ms = Math.min(entry.ms, performance.now() - start);
    }
  }
  return best;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const { name, value, unit, note } of await run()) {
    console.log(`${name.padEnd(48)} ${value.toFixed(3).padStart(9)} ${unit}  ${note ?? ''}`);
  }
}
