import { setTimeout } from 'node:timers/promises';
import { type AwsReaderOptions, createAwsReader } from './aws-reader.ts';
import type { PolicyResolver } from './port.ts';
import { createQueuedResolver, type QueuedResolverOptions } from './queued-resolver.ts';

export type AwsResolverOptions = AwsReaderOptions & Omit<QueuedResolverOptions, 'reader' | 'sleep'>;

/** The resolver behind `DETRAILS_POLICY_RESOLVER=aws`. */
export async function createAwsResolver(options: AwsResolverOptions): Promise<PolicyResolver> {
  const reader = await createAwsReader(options);
  return createQueuedResolver({ ...options, reader, sleep });
}

/** Waits without keeping the process alive; closing cuts the wait short. */
async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { ref: false, signal }).catch(() => undefined);
}
