import { z } from 'zod';
import { flatCopy } from './flat-copy.ts';
import { Recent } from './recent.ts';

const toolSchema = z.strictObject({
  name: z.string().min(1),
  kind: z.enum(['client', 'attack', 'audit']),
  confidence: z.enum(['high', 'medium', 'low']),
});

const signatureSchema = z.strictObject({
  /** Lower case; the agent must contain it. Cheap, so it is tried before the pattern. */
  literal: z.string().min(4),
  /** Regular expression, case ignored; group `version` gives the version. */
  pattern: z.string().optional(),
});

/** The shape of `data/tools.json`. Tools are in the order in which they are tried. */
export const toolsFileSchema = z.strictObject({
  /** Agents that Pacu shows in place of its own: whole agents, without brackets. */
  masks: z.strictObject({ agents: z.array(z.string().min(1)), code: z.string(), tool: toolSchema }),
  /** Marks beside the tool: a distribution, an execution environment. `tool` names an agent with no other. */
  signals: z.array(signatureSchema.extend({ code: z.string().min(1), tool: toolSchema.optional() })),
  tools: z.array(signatureSchema.extend(toolSchema.shape)),
});

/** The content of `data/tools.json`. */
export type ToolsFile = z.infer<typeof toolsFileSchema>;

/** What a user agent tells: the members of `detrails.tool`. */
export type RecognizedTool = {
  readonly name: string;
  readonly kind: 'client' | 'attack' | 'audit';
  readonly confidence: 'high' | 'medium' | 'low';
  readonly version?: string;
  readonly signals?: string[];
};

/** Recognizes tools by user agent. */
export type ToolKnowledge = {
  /**
   * The tool behind a user agent as CloudTrail writes it, or undefined when no signature fits: an unknown
   * agent is never guessed. The same agent gets the same frozen object while it is remembered.
   */
  recognize(userAgent: string): RecognizedTool | undefined;
};

/** CloudTrail cuts agents at 1 KiB; what is longer was not written by it. */
const LONGEST_AGENT = 1024;
const REMEMBERED_AGENTS = 2048;
const UNKNOWN = Symbol('unknown agent');

/** Compiles `data/tools.json`. Throws on a malformed file: it is ours, not a user's. */
export function buildToolKnowledge(file: unknown): ToolKnowledge {
  const { masks, signals, tools } = toolsFileSchema.parse(file);
  const compiled: Compiled = {
    masks: new Set(masks.agents),
    masked: Object.freeze({ ...masks.tool, signals: Object.freeze([masks.code]) as string[] }),
    signals: signals.map(compile),
    tools: tools.map(compile),
  };
  const remembered = new Recent<RecognizedTool | typeof UNKNOWN>(REMEMBERED_AGENTS);
  return {
    recognize(userAgent) {
      const agent = userAgent.length > LONGEST_AGENT ? userAgent.slice(0, LONGEST_AGENT) : userAgent;
      let tool = remembered.get(agent);
      if (tool === undefined) {
        tool = recognize(compiled, agent) ?? UNKNOWN;
        remembered.set(agent, tool);
      }
      return tool === UNKNOWN ? undefined : tool;
    },
  };
}

type CompiledSignature<Row> = {
  readonly row: Row;
  readonly literal: string;
  readonly regex: RegExp | undefined;
};

type Compiled = {
  readonly masks: ReadonlySet<string>;
  readonly masked: RecognizedTool;
  readonly signals: readonly CompiledSignature<ToolsFile['signals'][number]>[];
  readonly tools: readonly CompiledSignature<ToolsFile['tools'][number]>[];
};

function compile<Row extends z.infer<typeof signatureSchema>>(row: Row): CompiledSignature<Row> {
  const regex = row.pattern === undefined ? undefined : new RegExp(row.pattern, 'i');
  return { row, literal: row.literal, regex };
}

function recognize(compiled: Compiled, agent: string): RecognizedTool | undefined {
  if (compiled.masks.has(unbracketed(agent))) return compiled.masked;
  const lower = agent.toLowerCase();
  const found = compiled.signals.filter((signal) => fits(signal, agent, lower)).map(({ row }) => row);
  const signals = found.length > 0 ? { signals: found.map(({ code }) => code) } : {};
  for (const signature of compiled.tools) {
    if (!fits(signature, agent, lower)) continue;
    const { name, kind, confidence } = signature.row;
    const version = signature.regex?.exec(agent)?.groups?.['version'];
    return freeze({
      name,
      kind,
      confidence,
      ...(version === undefined ? {} : { version: flatCopy(version) }),
      ...signals,
    });
  }
  const named = found.find(({ tool }) => tool !== undefined)?.tool;
  return named === undefined ? undefined : freeze({ ...named, ...signals });
}

function fits(signature: CompiledSignature<unknown>, agent: string, lower: string): boolean {
  return lower.includes(signature.literal) && (signature.regex?.test(agent) ?? true);
}

/** `[aws-cli/2.2.16 …]`, as S3 writes it in data events, without its brackets. */
function unbracketed(agent: string): string {
  return agent.startsWith('[') && agent.endsWith(']') ? agent.slice(1, -1) : agent;
}

function freeze(tool: RecognizedTool): RecognizedTool {
  if (tool.signals !== undefined) Object.freeze(tool.signals);
  return Object.freeze(tool);
}
