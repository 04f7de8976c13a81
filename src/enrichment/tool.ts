import type { ToolKnowledge } from '../context/tools.ts';
import type { ToolEnrichment } from './output.ts';

/**
 * The client or attack tool that a user agent names. Undefined when there is no agent or none that is
 * known: the caller counts those, nobody guesses. A user agent is written by whoever calls, so a hit is
 * evidence and a miss is none.
 */
export function enrichTool(userAgent: string | undefined, tools: ToolKnowledge): ToolEnrichment | undefined {
  return userAgent === undefined ? undefined : tools.recognize(userAgent);
}
