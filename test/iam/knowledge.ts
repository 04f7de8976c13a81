import { loadPolicyKnowledge } from '../../src/knowledge/policy-knowledge.ts';

/** The bundled knowledge, loaded once per test process. */
export const knowledge = loadPolicyKnowledge();
export const { catalog } = knowledge;

/** Id of an action that must exist. */
export function idOf(name: string): number {
  const id = catalog.idOf(name.toLowerCase());
  if (id === undefined) throw new Error(`no such action: ${name}`);
  return id;
}
