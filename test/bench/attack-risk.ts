import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readTrail } from '../../data/build/report/corpora.ts';
import { type CloudTrailEvent, eventFromObject } from '../../src/cloudtrail/event.ts';
import type { JsonObject } from '../../src/cloudtrail/json.ts';
import { enrichAction } from '../../src/enrichment/action.ts';
import { presentAttack } from '../../src/enrichment/attack/present.ts';
import { enrichAttack } from '../../src/enrichment/attack.ts';
import type { ActionEnrichment } from '../../src/enrichment/output.ts';
import { enrichRisk } from '../../src/enrichment/risk.ts';
import { threatOf } from '../../src/enrichment/threat.ts';
import { loadActions } from '../../src/knowledge/actions.ts';
import { loadAttack } from '../../src/knowledge/attack.ts';
import { loadRisk } from '../../src/knowledge/risk.ts';
import { type Figure, median } from './result.ts';

/** Rounds over the corpus; the first few warm up. */
const ROUNDS = 30;
const WARM_UP = 5;

/** What ATT&CK, ECS `threat` and risk cost per event, all lookups and conditions together. */
export async function run(): Promise<Figure[]> {
  const actions = loadActions();
  const started = performance.now();
  const attack = loadAttack('19.1');
  const risk = loadRisk(actions);
  const loading = performance.now() - started;
  const events = records().map((record) => eventFromObject(record));
  const judged = events.map((event) => ({ event, action: enrichAction(event, actions) }));
  const perEvent = (work: (event: CloudTrailEvent, action: ActionEnrichment) => unknown): number =>
    medianPerEvent(judged, work);
  return [
    {
      name: 'attack, threat and risk together',
      value: perEvent((event, action) => {
        const verdict = enrichAttack(event, action, attack);
        if (verdict !== undefined) {
          const threat = threatOf(verdict, attack);
          presentAttack(verdict, { withEvidence: false, ecs: threat !== undefined });
        }
        return enrichRisk({ event, action, attack: verdict }, risk);
      }),
      unit: 'us/event',
      note: 'budget 2',
    },
    {
      name: 'attack alone',
      value: perEvent((event, action) => enrichAttack(event, action, attack)),
      unit: 'us/event',
    },
    { name: 'attack and risk knowledge: load', value: loading, unit: 'ms' },
  ];
}

function records(): JsonObject[] {
  const path = join(process.cwd(), '..', 'shared', 'corpora', 'bench', 'AWSLogs');
  if (existsSync(path)) return readTrail(path);
  const names = [
    'DescribeInstances',
    'GetObject',
    'AuthorizeSecurityGroupIngress',
    'CreateUser',
    'StopLogging',
  ];
  return Array.from({ length: 10_000 }, (_, index) => ({
    eventSource: ['ec2', 's3', 'ec2', 'iam', 'cloudtrail'][index % 5]?.concat('.amazonaws.com'),
    eventName: names[index % 5],
    userIdentity: { type: 'IAMUser', userName: 'alice' },
    requestParameters: { cidrIp: '0.0.0.0/0', fromPort: 22, toPort: 22 },
  }));
}

function medianPerEvent(
  judged: readonly { event: CloudTrailEvent; action: ActionEnrichment }[],
  work: (event: CloudTrailEvent, action: ActionEnrichment) => unknown,
): number {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now();
    for (const { event, action } of judged) work(event, action);
    if (round >= WARM_UP) times.push(((performance.now() - started) * 1000) / judged.length);
  }
  return Number(median(times).toFixed(3));
}
