import { loadKnowledge } from '../../../src/wiring/load-knowledge.ts';

/** Read once for all targets of this thread. */
export const knowledge = loadKnowledge('19.1');
