import { type ToolsFile, toolsFileSchema } from '../../../src/context/tools.ts';
import { patternFault } from './check-pattern.ts';

type Kept = { readonly source: string };

/** The hand-kept `signatures.json`. */
export type Signatures = {
  readonly tools: readonly (ToolsFile['tools'][number] & Kept)[];
  readonly signals: readonly (ToolsFile['signals'][number] & Kept)[];
};

/** Tools of the first kind are tried first: a client's name in an attacker's agent hides nothing. */
const KINDS = ['attack', 'audit', 'client'];

/** Real programs sent the masks once (2016 to 2020), so alone they are weak evidence. */
const MASKED_PACU: ToolsFile['masks']['tool'] = { name: 'Pacu', kind: 'attack', confidence: 'low' };

/** The text of `data/tools.json`. Throws at a signature that could hang on hostile text. */
export function compileTools(signatures: Signatures, masks: readonly string[]): string {
  for (const { literal, pattern } of [...signatures.tools, ...signatures.signals]) {
    const fault = patternFault(pattern ?? '', literal);
    if (fault !== undefined) throw new Error(`${literal}: ${fault}`);
  }
  const file = toolsFileSchema.parse({
    masks: { agents: [...new Set(masks)].sort(), code: 'pacu_mask', tool: MASKED_PACU },
    signals: signatures.signals.map(({ source: _source, ...signal }) => signal),
    tools: signatures.tools
      .map(({ source: _source, ...tool }) => tool)
      .sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind)),
  });
  const { agents, code, tool } = file.masks;
  return [
    `{"masks":{"agents":[\n${rows(agents)}\n],"code":${JSON.stringify(code)},"tool":${JSON.stringify(tool)}},`,
    `"signals":[\n${rows(file.signals)}\n],`,
    `"tools":[\n${rows(file.tools)}\n]}\n`,
  ].join('\n');
}

function rows(values: readonly unknown[]): string {
  return values.map((value) => JSON.stringify(value)).join(',\n');
}
