import type { Rule, RuleFile } from './committed.ts';

/** Alerts wait this many seconds at most. */
const LONGEST_WAIT_SECONDS = 2;
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/**
 * The rules with a minute for an hour and a second for a minute, so that a test sees them fire: every
 * window, every offset, and what an alert waits. Nothing else is changed.
 */
export function quickRules({ groups }: RuleFile): RuleFile {
  return { groups: groups.map(({ name, rules }) => ({ name, rules: rules.map(quicken) })) };
}

function quicken(rule: Rule): Rule {
  const expr = rule.expr
    .replaceAll(/\[([0-9a-z]+)\]/g, (_all, duration: string) => `[${shorten(duration)}s]`)
    .replaceAll(/offset ([0-9a-z]+)/g, (_all, duration: string) => `offset ${shorten(duration)}s`);
  if (rule.alert === undefined) return { ...rule, expr };
  return { ...rule, expr, for: `${Math.min(LONGEST_WAIT_SECONDS, shorten(rule.for ?? '0m'))}s` };
}

function shorten(duration: string): number {
  const [, count = '0', unit = 's'] = /^(\d+)([smhdw])$/.exec(duration) ?? [];
  return (Number(count) * (SECONDS[unit] ?? 1)) / 60;
}
