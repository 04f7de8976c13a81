import Fastify, { type FastifyInstance, LogController } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { Config } from './config.ts';
import { Lane } from './enrichment/lane.ts';
import { enrichBody } from './enrichment/pipeline.ts';
import { analyzeRequest } from './enrichment/policy/analyze-request.ts';
import { createPolicyContext } from './enrichment/policy/context.ts';
import { createPolicyImport } from './enrichment/policy/import.ts';
import { readPolicy, readSessionOf } from './enrichment/read-state.ts';
import { limitRate } from './http/access/limit-rate.ts';
import { isLetIn, requireAccess } from './http/access/require-access.ts';
import { Admission } from './http/admission.ts';
import { BufferPool } from './http/buffer-pool.ts';
import { answerClientError } from './http/client-error.ts';
import { DirectRequest } from './http/direct-request.ts';
import { Drain } from './http/drain.ts';
import { followRequests } from './http/follow-requests.ts';
import { listenForMetrics } from './http/metrics-listener.ts';
import { describeApi } from './http/openapi.ts';
import { answerFrameworkProblem, answerProblems } from './http/problems.ts';
import { requestId } from './http/request-id.ts';
import { requestObserver } from './http/request-metrics.ts';
import { actionsRoute } from './http/routes/actions.ts';
import { ENRICH_PATH, type EnrichRouteOptions, enrichRoute } from './http/routes/enrich.ts';
import { metricsRoute } from './http/routes/metrics.ts';
import { policiesRoute } from './http/routes/policies.ts';
import { probesRoute } from './http/routes/probes.ts';
import { sessionsRoute } from './http/routes/sessions.ts';
import { openShortWay, SHORT_WAY_BYTES } from './http/short-way.ts';
import type { Logger } from './logger.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import type { ConfiguredStore } from './store/create-store.ts';
import { VERSION } from './version.ts';
import { collectGauges } from './wiring/collect-gauges.ts';
import { describeAction } from './wiring/describe-action.ts';
import { type Knowledge, loadKnowledge } from './wiring/load-knowledge.ts';
import { openAccess } from './wiring/open-access.ts';
import { openContext, pinnedSnapshots } from './wiring/open-context.ts';
import { openResolver } from './wiring/open-resolver.ts';
import { openStore } from './wiring/open-store.ts';
import { type OpenTls, openTls } from './wiring/open-tls.ts';
import { countBatches } from './wiring/pipeline-events.ts';
import type { Expose } from './wiring/worker-metrics.ts';

/** What an app is built from; whatever is absent is made from the configuration. */
export type Dependencies = {
  readonly logger?: Logger;
  readonly store?: ConfiguredStore;
  readonly knowledge?: Knowledge;
  readonly metrics?: Metrics;
  /** Knows what is in work; whoever shuts down passes its own. */
  readonly drain?: Drain;
  /** With several workers: exposes what all of them counted. */
  readonly shareMetrics?: (own: Expose, registry: Metrics['registry']) => Expose;
  /** Memory of bodies and answers. */
  readonly buffers?: BufferPool;
  /** Wall clock in milliseconds since 1970. */
  readonly now?: () => number;
  /** Monotonic clock in milliseconds. */
  readonly monotonic?: () => number;
};

/** Bytes an import of an account's policies may have: it is streamed. */
const MAX_IMPORT_BYTES = 1024 * 1024 * 1024;
/** A request holds two documents, whose characters take up to three bytes, or six where they are escaped. */
const ANALYZE_BYTES_PER_POLICY_BYTE = 12;

/** Memory of bodies and answers that is kept for the next ones. */
const IDLE_BUFFER_BYTES = 64 * 1024 * 1024;

/** Batches, and files, in work at once while each waits for the shared store in between. */
const LANES_WITH_SHARED_STORE = 4;

/**
 * Builds the service: a Fastify instance that is not listening yet. Nothing is shared between two apps
 * of one process.
 */
export async function buildApp(config: Config, dependencies: Dependencies = {}): Promise<FastifyInstance> {
  const now = dependencies.now ?? Date.now;
  const monotonic = dependencies.monotonic ?? (() => performance.now());
  const metrics =
    dependencies.metrics ?? createMetrics({ version: VERSION, revision: config.DETRAILS_REVISION });
  const drain = dependencies.drain ?? new Drain();
  const tls = await openTls(config);
  const app = createInstance(config, dependencies.logger, tls);

  // State and knowledge, before anything that answers with them.
  const knowledge = dependencies.knowledge ?? loadKnowledge(config.DETRAILS_ATTACK_VERSION);
  const policies = createPolicyContext({
    knowledge: knowledge.policy,
    managed: knowledge.managedPolicies,
    maxDocumentBytes: config.DETRAILS_MAX_POLICY_BYTES,
  });
  const context = await openContext(config, knowledge, metrics, app.log);
  const store = dependencies.store ?? openStore(config, metrics, app.log, monotonic);
  const resolver = await openResolver(config, store, policies, metrics, now);
  const snapshot = pinnedSnapshots(knowledge, policies, context);
  const admission = new Admission(config.DETRAILS_ADMISSION_BYTES, config.DETRAILS_ADMISSION_WAIT_MS);

  // What holds for every route.
  answerProblems(app);
  const following = { drain, observe: requestObserver(metrics), monotonic };
  followRequests(app, following);
  const access = await openAccess(config, metrics, app.log);
  if (access !== undefined) requireAccess(app, access.access);
  if (config.DETRAILS_RATE_LIMIT_PER_MINUTE > 0) {
    await limitRate(app, config.DETRAILS_RATE_LIMIT_PER_MINUTE);
  }
  await describeApi(app, VERSION);

  // Routes.
  const counter = countBatches(metrics, app.log, (policy) => resolver?.want(policy));
  // A shared store is waited for, which others may use.
  const lanes = store.local === undefined ? LANES_WITH_SHARED_STORE : 1;
  const buffers = dependencies.buffers ?? new BufferPool(IDLE_BUFFER_BYTES);
  const pipeline = {
    store,
    snapshot,
    limits: {
      maxRecords: config.DETRAILS_MAX_RECORDS,
      maxDepth: config.DETRAILS_MAX_DEPTH,
      maxEnvelopeDepth: config.DETRAILS_MAX_ENVELOPE_DEPTH,
    },
    events: counter,
    local: store.local,
    batches: new Lane(lanes),
    files: new Lane(lanes),
    allocate: (bytes: number) => buffers.take(bytes),
    monotonic,
  };
  const enrich: EnrichRouteOptions['enrich'] = (body, lines, query) =>
    enrichBody(body, lines, query, pipeline);
  await app.register(enrichRoute, {
    enrich,
    admission,
    buffers,
    maxBodyBytes: config.DETRAILS_MAX_BODY_BYTES,
    decompression: {
      maxBytes: config.DETRAILS_MAX_DECOMPRESSED_BYTES,
      maxRatio: config.DETRAILS_MAX_DECOMPRESSION_RATIO,
    },
  });
  await app.register(policiesRoute, {
    analyze: (body) => analyzeRequest(body, policies),
    read: (query) => readPolicy(query, store, policies),
    startImport: () => createPolicyImport(policies, new Date(now()).toISOString()),
    store: async (contributions) => {
      await store.exchange(contributions);
    },
    admission,
    maxAnalyzeBytes: ANALYZE_BYTES_PER_POLICY_BYTE * config.DETRAILS_MAX_POLICY_BYTES,
    maxImportBytes: MAX_IMPORT_BYTES,
  });
  await app.register(sessionsRoute, {
    read: (accessKeyId) => readSessionOf(accessKeyId, store, snapshot().addresses),
  });
  await app.register(actionsRoute, { describe: (service, name) => describeAction(knowledge, service, name) });
  await app.register(probesRoute, {
    isDraining: () => drain.isDraining,
    checks: () => ({
      ...Object.fromEntries(knowledge.datasets.map(({ name, version }) => [`data ${name}`, version])),
      admission: `${admission.bytes} bytes in work, ${admission.waiting} waiting`,
      state: `${store.memory.entries} records in memory`,
    }),
  });
  const share = dependencies.shareMetrics ?? ((own: Expose) => own);
  const expose = share(async () => {
    counter.flush();
    collectGauges(metrics, { admission, drain, store, policies, datasets: knowledge.datasets, now: now() });
    return { contentType: metrics.registry.contentType, text: await metrics.registry.metrics() };
  }, metrics.registry);
  const metricsPort = config.DETRAILS_METRICS_PORT;
  if (metricsPort === undefined) await app.register(metricsRoute, { expose });
  else listenForMetrics(app, { expose, host: config.DETRAILS_METRICS_HOST, port: metricsPort });

  // Fastify counts requests per client, so then all of them go through it.
  if (config.DETRAILS_RATE_LIMIT_PER_MINUTE === 0) {
    openShortWay(app.server, {
      ...following,
      enrich,
      buffers,
      admission,
      maxBytes: Math.min(SHORT_WAY_BYTES, config.DETRAILS_MAX_BODY_BYTES),
      isLetIn: (request) => access === undefined || isLetIn(request, ENRICH_PATH, access.access),
    });
  }

  const stopFollowing = tls?.follow(app, metrics);
  app.addHook('preClose', async () => {
    drain.begin();
  });
  app.addHook('onClose', async () => {
    access?.close();
    stopFollowing?.();
    await resolver?.close();
    await context.close();
    await store.close();
  });
  return app;
}

function createInstance(
  config: Config,
  logger: Logger | undefined,
  tls: OpenTls | undefined,
): FastifyInstance {
  const server = {
    maxHeaderSize: config.DETRAILS_MAX_HEADER_BYTES,
    headersTimeout: config.DETRAILS_HEADERS_TIMEOUT_MS,
    connectionsCheckingInterval: checkingInterval(config),
    noDelay: true,
    IncomingMessage: DirectRequest,
  };
  const app = Fastify({
    // Lines about requests are ours. Fastify would make a logger for each of them, used or not.
    logger: false,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: config.DETRAILS_MAX_BODY_BYTES,
    keepAliveTimeout: config.DETRAILS_KEEP_ALIVE_MS,
    requestTimeout: config.DETRAILS_REQUEST_TIMEOUT_MS,
    connectionTimeout: silenceTimeout(config),
    // Ours is a problem like any other, and probes are answered to the end.
    return503OnClosing: false,
    genReqId: requestId,
    requestIdHeader: false,
    frameworkErrors: answerFrameworkProblem,
    clientErrorHandler: answerClientError,
    routerOptions: { maxParamLength: 256 },
    ...(tls === undefined ? { http: server } : { https: { ...server, ...tls.options } }),
  }) as unknown as FastifyInstance;
  if (logger !== undefined) app.log = logger;
  app.server.maxConnections = config.DETRAILS_MAX_CONNECTIONS;
  // A client may close its half behind its request and wait: by default Node would close the other half as well.
  Object.assign(app.server, { httpAllowHalfOpen: true });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  return app;
}

/** How often time-outs are looked after: Node's half a minute would make short ones long. */
function checkingInterval(config: Config): number {
  const timeouts = [config.DETRAILS_HEADERS_TIMEOUT_MS, config.DETRAILS_REQUEST_TIMEOUT_MS];
  return Math.min(5000, ...timeouts.filter((timeout) => timeout > 0));
}

/**
 * A connection on which nothing moved for so long is closed: the client does not read its answer, which is
 * kept for it meanwhile. Longer than a request may take to arrive and then wait for admission.
 */
function silenceTimeout(config: Config): number {
  const { DETRAILS_REQUEST_TIMEOUT_MS: arrival, DETRAILS_ADMISSION_WAIT_MS: admission } = config;
  return arrival === 0 ? 0 : arrival + 2 * admission;
}
