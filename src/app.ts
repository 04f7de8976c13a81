import Fastify, { type FastifyInstance, LogController } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { Config } from './config.ts';
import { type ContextSource, createContextSource } from './context/context-source.ts';
import { sessionNetworkOptions } from './context/session-networks.ts';
import { enrichBody } from './enrichment/pipeline.ts';
import type { Snapshot } from './enrichment/snapshot.ts';
import { Admission } from './http/admission.ts';
import { describeApi } from './http/openapi.ts';
import { answerProblems } from './http/problems.ts';
import { requestId } from './http/request-id.ts';
import { measureRequests } from './http/request-metrics.ts';
import { actionsRoute } from './http/routes/actions.ts';
import { enrichRoute } from './http/routes/enrich.ts';
import { metricsRoute } from './http/routes/metrics.ts';
import { probesRoute } from './http/routes/probes.ts';
import { describeOperation } from './knowledge/describe-operation.ts';
import { type Knowledge, loadKnowledge } from './load-knowledge.ts';
import type { Logger } from './logger.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { countBatches } from './pipeline-events.ts';
import { createMemoryStore } from './store/memory-store.ts';
import type { Store } from './store/port.ts';
import { VERSION } from './version.ts';

/** What an app is built from; whatever is absent is made from the configuration. */
export type Dependencies = {
  readonly logger?: Logger;
  readonly store?: Store;
  readonly knowledge?: Knowledge;
  readonly metrics?: Metrics;
  /** Wall clock in milliseconds since 1970. */
  readonly now?: () => number;
  /** Monotonic clock in milliseconds. */
  readonly monotonic?: () => number;
};

/**
 * Builds the service: a Fastify instance that is not listening yet. Nothing is shared between two apps
 * of one process.
 */
export async function buildApp(config: Config, dependencies: Dependencies = {}): Promise<FastifyInstance> {
  const now = dependencies.now ?? Date.now;
  const monotonic = dependencies.monotonic ?? (() => performance.now());
  const metrics =
    dependencies.metrics ?? createMetrics({ version: VERSION, revision: config.DETRAILS_REVISION });
  const knowledge = dependencies.knowledge ?? loadKnowledge(config.DETRAILS_ATTACK_VERSION);
  const contextSource = await openContext(config, knowledge, metrics, dependencies.logger);
  const store = dependencies.store ?? createMemoryStore({ maxBytes: config.DETRAILS_MEMORY_MAX_BYTES, now });
  const admission = new Admission(config.DETRAILS_ADMISSION_BYTES, config.DETRAILS_ADMISSION_WAIT_MS);
  let draining = false;

  const app = Fastify({
    ...(dependencies.logger === undefined ? { logger: false } : { loggerInstance: dependencies.logger }),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: config.DETRAILS_MAX_BODY_BYTES,
    keepAliveTimeout: config.DETRAILS_KEEP_ALIVE_MS,
    requestTimeout: config.DETRAILS_REQUEST_TIMEOUT_MS,
    genReqId: requestId,
    requestIdHeader: false,
    routerOptions: { maxParamLength: 256 },
    http: {
      maxHeaderSize: config.DETRAILS_MAX_HEADER_BYTES,
      headersTimeout: config.DETRAILS_HEADERS_TIMEOUT_MS,
      noDelay: true,
    },
  }) as unknown as FastifyInstance;
  app.server.maxConnections = config.DETRAILS_MAX_CONNECTIONS;
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);

  answerProblems(app);
  measureRequests(app, metrics);
  await describeApi(app, VERSION);

  const pipeline = {
    store,
    snapshot: pinnedSnapshots(knowledge, contextSource),
    limits: {
      maxRecords: config.DETRAILS_MAX_RECORDS,
      maxDepth: config.DETRAILS_MAX_DEPTH,
      maxEnvelopeDepth: config.DETRAILS_MAX_ENVELOPE_DEPTH,
    },
    events: countBatches(metrics, app.log),
    monotonic,
  };
  await app.register(enrichRoute, {
    enrich: (body, query, lines) => enrichBody(body, { ...query, lines }, pipeline),
    admission,
    maxBodyBytes: config.DETRAILS_MAX_BODY_BYTES,
    decompression: {
      maxBytes: config.DETRAILS_MAX_DECOMPRESSED_BYTES,
      maxRatio: config.DETRAILS_MAX_DECOMPRESSION_RATIO,
    },
  });
  await app.register(actionsRoute, {
    describe: (service, name) => describeOperation(knowledge.actions, service, name),
  });
  await app.register(probesRoute, {
    isDraining: () => draining,
    checks: () => ({
      ...Object.fromEntries(knowledge.datasets.map(({ name, version }) => [`data ${name}`, version])),
      admission: `${admission.bytes} bytes in work, ${admission.waiting} waiting`,
    }),
  });
  await app.register(metricsRoute, {
    expose: async () => {
      metrics.admissionWaiting.set(admission.waiting);
      metrics.admissionBytes.set(admission.bytes);
      setDataAge(metrics, knowledge.datasets, now());
      return { contentType: metrics.registry.contentType, text: await metrics.registry.metrics() };
    },
  });

  app.addHook('preClose', async () => {
    draining = true;
  });
  app.addHook('onClose', async () => {
    await contextSource.close();
    await store.close();
  });
  return app;
}

/** The company's context, hot-reloaded; a bad file at start is refused, later it keeps the old one. */
function openContext(
  config: Config,
  knowledge: Knowledge,
  metrics: Metrics,
  logger: Logger | undefined,
): Promise<ContextSource> {
  return createContextSource({
    file: config.DETRAILS_CONTEXT_FILE,
    mmdbFiles: config.DETRAILS_CONTEXT_MMDB_FILES?.split(','),
    ipRangesFile: config.DETRAILS_CONTEXT_IP_RANGES_FILE,
    torFile: config.DETRAILS_CONTEXT_TOR_FILE,
    vendorsEnabled: config.DETRAILS_CONTEXT_VENDORS,
    data: knowledge.context,
    onReload: ({ kind, ok }) => metrics.contextReloads.inc({ kind, result: ok ? 'ok' : 'failed' }),
    log: logger ?? { info: () => {}, warn: () => {} },
  });
}

/** The snapshot of now; made anew only when the context changed. */
function pinnedSnapshots(knowledge: Knowledge, source: ContextSource): () => Snapshot {
  let snapshot: Snapshot | undefined;
  return () => {
    const context = source.current();
    if (snapshot?.context !== context) {
      snapshot = { ...knowledge, context, addresses: sessionNetworkOptions(context) };
    }
    return snapshot;
  };
}

function setDataAge(
  metrics: Metrics,
  datasets: readonly { name: string; version: string; date: string }[],
  now: number,
): void {
  for (const { name, version, date } of datasets) {
    metrics.dataAge.set({ dataset: name }, Math.max(0, (now - Date.parse(date)) / 1000));
    metrics.dataInfo.set({ dataset: name, version }, 1);
  }
}
