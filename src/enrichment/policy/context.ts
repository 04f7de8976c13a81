import { LRUCache } from 'lru-cache';
import type { PolicyAnalysis, PolicyKind, PolicyKnowledge } from '../../iam/analysis.ts';
import { analyzePolicy } from '../../iam/analyze-policy.ts';
import { canonicalDocumentHash } from '../../iam/document-hash.ts';
import { indexOfKnowledge } from '../../iam/knowledge-index.ts';
import { packAnalysis, unpackAnalysis } from '../../iam/pack-analysis.ts';
import type { ManagedPolicies } from '../../knowledge/managed-policies.ts';
import type { Contribution, StoredRecord } from '../../store/port.ts';
import { POLICY_TTL_MS } from './life-record.ts';

/** An analyzed document, with the store key its analysis lives under. */
export type AnalyzedDocument = {
  readonly analysis: PolicyAnalysis;
  /** Hash of the document's meaning: white space and member order aside. */
  readonly hash: string;
};

/** What the policy enricher works with: knowledge, the bundle, and a bounded memory of analyses. */
export interface PolicyContext {
  readonly knowledge: PolicyKnowledge;
  readonly managed: ManagedPolicies;
  /** Identical documents are analyzed once, whatever policy they belong to. */
  analyze(document: unknown, kind: PolicyKind, accountId: string | undefined): AnalyzedDocument;
  /**
   * Store key of the analysis of the document `hash`. It holds the hash of the action, risk and path
   * data, so that replicas with different data never read each other's numbers.
   */
  analysisKey(hash: string, kind: PolicyKind, accountId: string | undefined): string;
  /** The analysis under `key`, from memory or from the records of this batch. */
  recall(key: string, records: ReadonlyMap<string, StoredRecord>): PolicyAnalysis | undefined;
  /** What writes an analysis under `key`: the same bytes, whoever writes. */
  remember(key: string, analysis: PolicyAnalysis): Contribution;
  /** Analyses found in memory, computed or read, and pushed out by newer ones: for metrics. */
  readonly counts: { hits: number; misses: number; evictions: number };
}

export type PolicyContextOptions = {
  readonly knowledge: PolicyKnowledge;
  readonly managed: ManagedPolicies;
  /** Memory for analyses, in bytes by estimate (default 16 MiB). */
  readonly maxBytes?: number;
  /** Longest document that is analyzed, in UTF-16 code units (default 131,072). */
  readonly maxDocumentBytes?: number;
};

/** Changes when the analysis itself changes its answers under the same data. */
const ENGINE = '2';
const FIELD = 'packed';
const DEFAULT_MAX_BYTES = 16 * 1024 * 1024;
const DEFAULT_MAX_DOCUMENT_BYTES = 131_072;
/** Characters of documents whose hash is remembered by their text. */
const REMEMBERED_TEXT = 2 * 1024 * 1024;
const LONGEST_REMEMBERED_TEXT = 16_384;

/** Builds a {@link PolicyContext}; one per knowledge snapshot. */
export function createPolicyContext(options: PolicyContextOptions): PolicyContext {
  const { knowledge, managed } = options;
  const maxDocumentBytes = options.maxDocumentBytes ?? DEFAULT_MAX_DOCUMENT_BYTES;
  // Replicas with another limit give other answers.
  const limit = maxDocumentBytes === DEFAULT_MAX_DOCUMENT_BYTES ? '' : `-${maxDocumentBytes}`;
  const dataHash = `${ENGINE}-${indexOfKnowledge(knowledge).hash}${limit}`;
  const analyses = new LRUCache<string, PolicyAnalysis>({
    maxSize: options.maxBytes ?? DEFAULT_MAX_BYTES,
    sizeCalculation: estimateBytes,
    dispose: (_analysis, _key, reason) => {
      if (reason === 'evict') counts.evictions += 1;
    },
  });
  // The same session policy goes with thousands of calls, letter by letter: then its text is enough.
  const hashes = new LRUCache<string, string>({
    maxSize: REMEMBERED_TEXT,
    maxEntrySize: LONGEST_REMEMBERED_TEXT,
    sizeCalculation: (_hash, text) => text.length + 1,
  });
  const packed = new WeakMap<PolicyAnalysis, string>();
  const counts = { hits: 0, misses: 0, evictions: 0 };

  function analysisKey(hash: string, kind: PolicyKind, accountId: string | undefined): string {
    // Only trust and resource policies are read from an account's point of view.
    const account = kind === 'trust' || kind === 'resource' ? (accountId ?? '-') : '-';
    return `policy-analysis:${dataHash}:${kind}:${account}:${hash}`;
  }

  function hashOf(document: unknown): string {
    if (typeof document !== 'string') return canonicalDocumentHash(document);
    let hash = hashes.get(document);
    if (hash === undefined) {
      hash = canonicalDocumentHash(document);
      hashes.set(document, hash);
    }
    return hash;
  }

  function analyze(document: unknown, kind: PolicyKind, accountId: string | undefined): AnalyzedDocument {
    const hash = hashOf(document);
    const key = analysisKey(hash, kind, accountId);
    const known = analyses.get(key);
    if (known !== undefined) {
      counts.hits += 1;
      return { analysis: known, hash };
    }
    counts.misses += 1;
    const analysis = analyzePolicy(
      document,
      { kind, maxBytes: maxDocumentBytes, ...(accountId !== undefined && { accountId }) },
      knowledge,
    );
    analyses.set(key, analysis);
    return { analysis, hash };
  }

  function recall(key: string, records: ReadonlyMap<string, StoredRecord>): PolicyAnalysis | undefined {
    const known = analyses.get(key);
    if (known !== undefined) {
      counts.hits += 1;
      return known;
    }
    const stored = records.get(key)?.get(FIELD);
    const analysis = stored === undefined ? undefined : unpackAnalysis(stored, knowledge);
    if (analysis === undefined) return undefined;
    counts.misses += 1;
    analyses.set(key, analysis);
    return analysis;
  }

  function remember(key: string, analysis: PolicyAnalysis): Contribution {
    let value = packed.get(analysis);
    if (value === undefined) {
      value = packAnalysis(analysis, knowledge);
      packed.set(analysis, value);
    }
    return {
      key,
      ttlMs: POLICY_TTL_MS,
      immutable: true,
      operations: [{ op: 'max', field: FIELD, value }],
    };
  }

  return { knowledge, managed, analyze, analysisKey, recall, remember, counts };
}

/** What reads an analysis that history names. */
export function analysisRead(key: string): Contribution {
  return { key, ttlMs: POLICY_TTL_MS, operations: [], immutable: true };
}

/** Roughly what an analysis takes: most of it are lists of shared strings and sets of actions. */
function estimateBytes(analysis: PolicyAnalysis): number {
  let references = 0;
  for (const finding of analysis.findings)
    references += finding.actions.length + finding.services.length + 40;
  return 1024 + references * 8 + (analysis.grants.scopes.length + analysis.grants.denies.length + 1) * 3072;
}
