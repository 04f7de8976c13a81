import type { Reader, Response } from 'maxmind';
import { type AwsRanges, parseAwsRanges } from './aws-ranges.ts';
import { watchForChanges } from './change-watcher.ts';
import type { Company } from './company.ts';
import { geoDatabases, readMmdb } from './geo-databases.ts';
import { LARGEST_COMPANY_FILE } from './parse-company-file.ts';
import { parseOffThread } from './parse-off-thread.ts';
import type { Fault } from './read-yaml.ts';
import { buildSnapshot, type ContextSnapshot } from './snapshot.ts';
import { buildToolKnowledge } from './tools.ts';
import { parseTorExits, type TorExits } from './tor-exits.ts';
import { readVendors, type Vendors } from './vendors.ts';
import { type Parsed, WatchedFile } from './watched-file.ts';

/** Kinds of files the context is read from; the label of the reload metric. */
export type ContextFileKind = 'company' | 'mmdb' | 'aws_ranges' | 'tor_exits';

/** What became of one file at a reload. A bad file leaves what the last good one said in force. */
export type ReloadResult = {
  readonly kind: ContextFileKind;
  readonly file: string;
  readonly ok: boolean;
  /** Empty when `ok`. */
  readonly faults: readonly Fault[];
};

/** A logger of pino's shape. */
export type ContextLog = {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
};

export type ContextSourceOptions = {
  /** The company file; `.json` is read as JSON, anything else as YAML. */
  readonly file?: string | undefined;
  readonly mmdbFiles?: readonly string[] | undefined;
  readonly ipRangesFile?: string | undefined;
  readonly torFile?: string | undefined;
  /** Whether the bundled list of known vendors counts. */
  readonly vendorsEnabled: boolean;
  /** The parsed content of `data/vendors.json` and `data/tools.json`. */
  readonly data: { readonly vendors: unknown; readonly tools: unknown };
  /** Called after every file that was read anew or turned out bad, when the new snapshot is in force. */
  readonly onReload?: ((result: ReloadResult) => void) | undefined;
  readonly log: ContextLog;
  /** How often to look without being told; 10 seconds. */
  readonly pollMs?: number | undefined;
};

/** The context that is in force. */
export type ContextSource = {
  /** The snapshot of now. Take it once per batch: it stays as it is while files change. */
  current(): ContextSnapshot;
  /** Reads every file again, changed or not. Results in the order of the options. */
  reload(): Promise<readonly ReloadResult[]>;
  close(): Promise<void>;
};

/** A company file that is bad when the service starts: there is no earlier one to keep. */
export class CompanyFileError extends Error {
  readonly file: string;
  readonly faults: readonly Fault[];

  constructor(file: string, faults: readonly Fault[]) {
    super([`${file} is no company file:`, ...faults.map((fault) => `  ${faultText(fault)}`)].join('\n'));
    this.name = 'CompanyFileError';
    this.file = file;
    this.faults = faults;
  }
}

/** `line 3: accounts[0].id must be a 12-digit account id`. */
export function faultText({ line, path, message }: Fault): string {
  return `line ${line}: ${path === '' ? 'the file' : path} ${message}`;
}

/**
 * Reads the context's files and keeps watching them. Rejects with {@link CompanyFileError} when the company
 * file is bad at the start; a bad optional file is reported and missing from the context until it is good.
 */
export async function createContextSource(options: ContextSourceOptions): Promise<ContextSource> {
  const files = watchedFiles(options);
  const vendors: Vendors = options.vendorsEnabled ? readVendors(options.data.vendors) : new Map();
  const tools = buildToolKnowledge(options.data.tools);
  const build = (): ContextSnapshot => {
    const readers = files.mmdb.flatMap(({ value }) => (value === undefined ? [] : [value]));
    return buildSnapshot({
      company: files.company?.value,
      awsRanges: files.awsRanges?.value,
      torExits: files.torExits?.value,
      mmdb: readers.length === 0 ? undefined : geoDatabases(readers),
      vendors,
      tools,
    });
  };
  const refresh = async (force: boolean): Promise<readonly ReloadResult[]> => {
    const results: ReloadResult[] = [];
    for (const [kind, file] of files.all) {
      const look = await file.look(force);
      if (look.status === 'same') continue;
      const faults = look.status === 'bad' ? look.faults : [];
      results.push({ kind, file: file.path, ok: look.status === 'read', faults });
    }
    if (results.some(({ ok }) => ok)) snapshot = build();
    for (const result of results) report(result, options);
    return results;
  };

  let snapshot = build();
  const bad = (await refresh(true)).find(({ kind, ok }) => kind === 'company' && !ok);
  if (bad !== undefined) throw new CompanyFileError(bad.file, bad.faults);

  // One look at a time, so that an older content never replaces a newer one.
  let running: Promise<unknown> = Promise.resolve();
  const inTurn = (force: boolean): Promise<readonly ReloadResult[]> => {
    const turn = running.then(() => refresh(force));
    running = turn.catch(() => undefined);
    return turn;
  };
  const paths = files.all.map(([, { path }]) => path);
  const stop =
    paths.length === 0
      ? () => undefined
      : watchForChanges(paths, options.pollMs ?? 10_000, () => void inTurn(false).catch(() => undefined));
  return {
    current: () => snapshot,
    reload: () => inTurn(true),
    async close() {
      stop();
      await running;
    },
  };
}

const MEBIBYTE = 1024 * 1024;

type WatchedFiles = {
  readonly company: WatchedFile<Company> | undefined;
  readonly mmdb: readonly WatchedFile<Reader<Response>>[];
  readonly awsRanges: WatchedFile<AwsRanges> | undefined;
  readonly torExits: WatchedFile<TorExits> | undefined;
  readonly all: readonly (readonly [ContextFileKind, WatchedFile<unknown>])[];
};

function watchedFiles({ file, mmdbFiles = [], ipRangesFile, torFile }: ContextSourceOptions): WatchedFiles {
  const company =
    file === undefined ? undefined : new WatchedFile(file, LARGEST_COMPANY_FILE, readCompany(file));
  const mmdb = mmdbFiles.map(
    (path) =>
      new WatchedFile(path, 512 * MEBIBYTE, (bytes) => orNot(readMmdb(bytes), 'is no MaxMind database')),
  );
  const awsRanges =
    ipRangesFile === undefined
      ? undefined
      : new WatchedFile(ipRangesFile, 32 * MEBIBYTE, (bytes) =>
          orNot(parseAwsRanges(bytes.toString('utf8')), "is no file of AWS's ranges"),
        );
  const torExits =
    torFile === undefined
      ? undefined
      : new WatchedFile(torFile, 8 * MEBIBYTE, (bytes) =>
          orNot(parseTorExits(bytes.toString('utf8')), 'is no list of Tor exits'),
        );
  const all = [
    ...(company === undefined ? [] : [['company', company] as const]),
    ...mmdb.map((database) => ['mmdb', database] as const),
    ...(awsRanges === undefined ? [] : [['aws_ranges', awsRanges] as const]),
    ...(torExits === undefined ? [] : [['tor_exits', torExits] as const]),
  ];
  return { company, mmdb, awsRanges, torExits, all };
}

function readCompany(path: string): (bytes: Buffer) => Promise<Parsed<Company>> {
  const format = path.endsWith('.json') ? 'json' : 'yaml';
  return async (bytes) => {
    const file = await parseOffThread(bytes.toString('utf8'), format);
    return file.ok ? { ok: true, value: file.company } : file;
  };
}

function orNot<Value>(value: Value | undefined, message: string): Parsed<Value> {
  return value === undefined ? { ok: false, faults: [{ line: 1, path: '', message }] } : { ok: true, value };
}

/** Faults logged per file; all of them are in the result. */
const LOGGED_FAULTS = 50;

function report(result: ReloadResult, { log, onReload }: ContextSourceOptions): void {
  const { kind, file, ok, faults } = result;
  if (ok) log.info({ kind, file }, 'context file read');
  else {
    const told = faults.slice(0, LOGGED_FAULTS).map(faultText);
    log.warn(
      { kind, file, fault_count: faults.length, faults: told },
      'context file is bad, the last good one stays',
    );
  }
  onReload?.(result);
}
