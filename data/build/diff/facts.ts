import type { ActionsFile } from '../../../src/knowledge/actions-file.ts';
import { unpackServices } from '../actions/source-action.ts';
import type { Edition } from './edition.ts';

/** What a data set says, as id to text: what is compared, and what a reader of the report is told. */
export type Facts = ReadonlyMap<string, string>;

/** One kind of knowledge, how to read it, and how much of it a refresh may change unseen. */
export type FactKind = {
  readonly title: string;
  readonly file: string;
  readonly read: (file: never) => Iterable<readonly [string, string]>;
  /** Largest share that may go at once; more stops the refresh. */
  readonly mostRemoved: number;
  /** Largest share that may change at once. */
  readonly mostChanged: number;
};

type Technique = { readonly id: string; readonly confidence: string };
type EscalationPath = {
  readonly id: string;
  readonly actions: readonly string[];
  readonly conditional: boolean;
};

export const FACT_KINDS: readonly FactKind[] = [
  {
    title: 'IAM actions and their access levels',
    file: 'actions.json',
    mostRemoved: 0.02,
    mostChanged: 0.02,
    read: function* ({ services }: { services: ActionsFile['services'] }) {
      for (const [action, { level, retired }] of unpackServices(services))
        if (!retired) yield [action, level];
    },
  },
  {
    title: 'ATT&CK techniques',
    file: 'techniques.json',
    mostRemoved: 0.05,
    mostChanged: 0.2,
    read: function* ({ techniques }: { techniques: Record<string, { name: string; tactics: string[] }> }) {
      for (const [id, { name, tactics }] of Object.entries(techniques))
        yield [id, `${name}: ${tactics.join(', ')}`];
    },
  },
  {
    title: 'Events mapped to techniques',
    file: 'attack.json',
    mostRemoved: 0.05,
    mostChanged: 0.2,
    read: function* ({ events }: { events: Record<string, Record<string, { techniques?: Technique[] }>> }) {
      for (const [source, names] of Object.entries(events)) {
        for (const [name, { techniques = [] }] of Object.entries(names)) {
          const words = techniques.map(({ id, confidence }) => `${id} ${confidence}`);
          yield [`${source}:${name}`, words.sort().join(', ') || 'none'];
        }
      }
    },
  },
  {
    title: 'Privilege-escalation paths',
    file: 'privilege-escalation.json',
    mostRemoved: 0,
    mostChanged: 0.1,
    read: function* ({ paths }: { paths: EscalationPath[] }) {
      for (const { id, actions, conditional } of paths) {
        yield [id, [...actions].sort().join(' + ') + (conditional ? ' (conditional)' : '')];
      }
    },
  },
  {
    title: 'Actions in classes of risk',
    file: 'risk.json',
    mostRemoved: 0.05,
    mostChanged: 0.1,
    read: function* ({ classes }: { classes: { reason: string; actions?: string[] }[] }) {
      const reasons = new Map<string, string[]>();
      for (const { reason, actions = [] } of classes) {
        for (const action of actions) reasons.set(action, [...(reasons.get(action) ?? []), reason]);
      }
      for (const [action, all] of reasons) yield [action, all.sort().join(', ')];
    },
  },
  {
    title: 'AWS-managed policies',
    file: 'managed-policies.json',
    mostRemoved: 0.05,
    mostChanged: 0.5,
    read: function* ({ policies }: { policies: Record<string, readonly [version: string, ...unknown[]]> }) {
      for (const [name, [version]] of Object.entries(policies)) yield [name, version];
    },
  },
];

/** The facts of one kind; undefined where the edition lacks the file. */
export function readFacts(edition: Edition, { file, read }: FactKind): Facts | undefined {
  const content = edition.read(file);
  return content === undefined ? undefined : new Map(read(content as never));
}
