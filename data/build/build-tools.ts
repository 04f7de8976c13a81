import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ToolsFile, toolsFileSchema } from '../../src/context/tools.ts';
import { patternFault } from './tools/check-pattern.ts';

/*
 * Builds data/tools.json from the hand-kept signatures and Pacu's list of masks. Run from the project root;
 * running it twice changes nothing. Stops at a signature that could hang on hostile text.
 */
type Kept = { readonly source: string };
type Signatures = {
  readonly tools: readonly (ToolsFile['tools'][number] & Kept)[];
  readonly signals: readonly (ToolsFile['signals'][number] & Kept)[];
};

const KINDS = ['attack', 'audit', 'client'];
const folder = join(process.cwd(), 'data', 'build', 'tools');
const signatures = JSON.parse(readFileSync(join(folder, 'signatures.json'), 'utf8')) as Signatures;
const masks = JSON.parse(readFileSync(join(folder, 'pacu-masks.json'), 'utf8')) as { agents: string[] };

for (const { literal, pattern } of [...signatures.tools, ...signatures.signals]) {
  const fault = patternFault(pattern ?? '', literal);
  if (fault !== undefined) throw new Error(`${literal}: ${fault}`);
}
const tools = signatures.tools
  .map(({ source: _source, ...tool }) => tool)
  .sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind));
const signals = signatures.signals.map(({ source: _source, ...signal }) => signal);
const file: ToolsFile = toolsFileSchema.parse({
  masks: { agents: [...new Set(masks.agents)].sort(), code: 'pacu_mask', tool: maskedPacu() },
  signals,
  tools,
});
const text = `{"masks":{"agents":[\n${lines(file.masks.agents)}\n],"code":${JSON.stringify(file.masks.code)},"tool":${JSON.stringify(file.masks.tool)}},\n"signals":[\n${lines(file.signals)}\n],\n"tools":[\n${lines(file.tools)}\n]}\n`;
writeFileSync(join(process.cwd(), 'data', 'tools.json'), text);
console.log(
  `data/tools.json: ${tools.length} signatures, ${signals.length} signals, ${masks.agents.length} masks`,
);

/** Real programs sent these agents once (2016 to 2020), so alone they are weak evidence. */
function maskedPacu(): ToolsFile['masks']['tool'] {
  return { name: 'Pacu', kind: 'attack', confidence: 'low' };
}

function lines(rows: readonly unknown[]): string {
  return rows.map((row) => JSON.stringify(row)).join(',\n');
}
