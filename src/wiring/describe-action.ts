import { describeOperationAttack } from '../enrichment/attack/explain.ts';
import { describeOperationRisk } from '../enrichment/risk/explain.ts';
import { describeOperation } from '../knowledge/describe-operation.ts';
import type { Knowledge } from './load-knowledge.ts';

/** Everything known of an operation, for `GET /v1/actions/{service}/{name}`; undefined when nothing is. */
export function describeAction(knowledge: Knowledge, service: string, name: string): object | undefined {
  const { actions, attack, risk } = knowledge;
  const operation = describeOperation(actions, service, name);
  if (operation === undefined) return undefined;
  const techniques = describeOperationAttack(attack, actions, service, name);
  const risks = describeOperationRisk(risk, actions, service, name);
  return {
    ...operation,
    ...(techniques !== undefined && { attack: techniques }),
    ...(risks !== undefined && { risk: risks }),
    data: Object.fromEntries(knowledge.datasets.map((dataset) => [dataset.name, dataset.version])),
  };
}
