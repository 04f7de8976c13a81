import { decode, runSlices } from '../../src/cloudtrail/decode.ts';
import { JsonScanner } from '../../src/cloudtrail/json-scanner.ts';
import { enrichRecord } from '../../src/enrichment/enrich-record.ts';
import { contributionsOf, observeBatch } from '../../src/enrichment/observe-batch.ts';
import { detrailsText } from '../../src/enrichment/serialize.ts';
import { writeBatch } from '../../src/enrichment/write-batch.ts';
import { createMemoryStore } from '../../src/store/memory-store.ts';
import { openSnapshots } from '../helpers/open-snapshots.ts';
import { RecordGenerator } from './generate.ts';
import { RenewedBody } from './renewed-body.ts';
import { type Figure, median } from './result.ts';

/** Each stage of the pipeline on batches of 1,000 records, as a share of parsing and serializing them. */

const ROUNDS = 60;
const BATCHES = 8;
const LIMITS = { maxRecords: 100_000, maxDepth: 100, maxEnvelopeDepth: 8 };
const OPTIONS = { output: 'merge', profile: 'standard', ecs: true, explain: false } as const;

export async function run(): Promise<readonly Figure[]> {
  const generator = new RecordGenerator();
  const bodies = Array.from({ length: BATCHES }, () => new RenewedBody(generator.file(1000)));
  const { snapshot: current, close } = await openSnapshots();
  const snapshot = current();
  const sessionOptions = { ...snapshot.addresses, degraded: false, withSources: false };
  const store = createMemoryStore({ maxBytes: 256 * 1024 * 1024, now: Date.now });
  const times = new Map<string, number[]>();
  const timed = <Result>(name: string, work: () => Result): Result => {
    const start = performance.now();
    const result = work();
    const list = times.get(name) ?? [];
    times.set(name, list);
    list.push(performance.now() - start);
    return result;
  };
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const body = (bodies[round % BATCHES] as RenewedBody).next();
      timed('parse and serialize', () => Buffer.from(JSON.stringify(JSON.parse(body.toString()))));
      timed('validating scan alone', () => new JsonScanner(body).skipValue(0));
      const decoded = timed('decode', () => runSlices(decode(body, 'never', LIMITS)));
      if (!decoded.ok) throw new Error('the generator makes JSON');
      const batch = timed('observe', () =>
        runSlices(observeBatch(decoded.documents, snapshot, { local: store, options: sessionOptions })),
      );
      const records = timed('exchange (memory)', () =>
        store.exchangeNow(runSlices(contributionsOf(batch.toExchange))),
      );
      const state = { records, sessionOptions, local: store };
      const enriched = timed('enrich', () =>
        batch.all.map((observation) => enrichRecord(observation, snapshot, state, false)),
      );
      timed('serialize enrichments', () =>
        enriched.map(({ sections }) => detrailsText(sections, 'standard')),
      );
      const counts = { records: 0, errors: 0, degraded: 0 };
      timed('enrich, serialize and merge', () =>
        runSlices(
          writeBatch(decoded.documents, 'json', batch.all, OPTIONS, {
            snapshot,
            state,
            counts,
            allocate: Buffer.allocUnsafe,
            events: { fault: () => {}, wanted: () => {}, record: () => {}, refused: () => {} },
          }),
        ),
      );
    }
  } finally {
    await close();
  }
  return figures(times);
}

function figures(times: ReadonlyMap<string, readonly number[]>): Figure[] {
  const ofStage = (name: string) => median((times.get(name) ?? []).slice(ROUNDS / 3));
  const echo = ofStage('parse and serialize');
  return [...times.keys()].map((name) => ({
    name,
    value: ofStage(name) / echo,
    unit: 'of parse+serialize',
    note: `${Math.round(ofStage(name) * 1000)} ns a record`,
  }));
}
