import { eventFromObject } from '../../../src/cloudtrail/event.ts';
import { type JsonObject, readString } from '../../../src/cloudtrail/json.ts';
import { enrichAction } from '../../../src/enrichment/action.ts';
import { enrichAttack } from '../../../src/enrichment/attack.ts';
import { RISK_LEVELS } from '../../../src/enrichment/output.ts';
import { enrichRisk } from '../../../src/enrichment/risk.ts';
import type { Actions } from '../../../src/knowledge/actions.ts';
import type { AttackKnowledge } from '../../../src/knowledge/attack.ts';
import { loadRisk } from '../../../src/knowledge/risk.ts';
import { readLines, readTrail, share, shared } from './corpora.ts';

/**
 * How risk spreads over actions and corpora, in lines to print. The corpora are judged by action,
 * technique and caller alone: policy, session and company verdicts need a store and a company file.
 */
export function riskLines(actions: Actions, attack: AttackKnowledge): string[] {
  const risk = loadRisk(actions);
  const { base, reason, reasonCodes } = risk.categories;
  const withReason = reason.reduce((count, code) => count + (reasonCodes[code] === 'none' ? 0 : 1), 0);
  const levelOfRecord = (record: JsonObject): string => {
    const event = eventFromObject(record);
    const action = enrichAction(event, actions);
    return enrichRisk({ event, action, attack: enrichAttack(event, action, attack) }, risk).level;
  };
  const bench = shared('corpora/bench/AWSLogs');
  const invictus = shared('corpora/invictus.jsonl');
  return [
    `risk: actions with a reason code: ${share(withReason, base.length)}`,
    ...(bench === undefined ? [] : ['  corpora/bench:', ...spread(readTrail(bench), levelOfRecord)]),
    ...(invictus === undefined
      ? []
      : ['  corpora/invictus.jsonl:', ...spread(readLines(invictus), levelOfRecord)]),
  ];
}

function spread(records: readonly JsonObject[], levelOfRecord: (record: JsonObject) => string): string[] {
  const counts = new Map<string, number>();
  const names = new Map<string, number>();
  for (const record of records) {
    const level = levelOfRecord(record);
    counts.set(level, (counts.get(level) ?? 0) + 1);
    if (level !== 'high' && level !== 'critical') continue;
    const name = `${level} ${readString(record, 'eventName')}`;
    names.set(name, (names.get(name) ?? 0) + 1);
  }
  const most = [...names].sort((a, b) => b[1] - a[1]).slice(0, 20);
  return [
    ...RISK_LEVELS.map((level) => `    ${level}: ${share(counts.get(level) ?? 0, records.length)}`),
    `    most of high and critical: ${most.map(([name, count]) => `${name} ${count}`).join(', ')}`,
  ];
}
