import type { Service } from './service.ts';

/** Gauges of one process at a time, in seconds since the start of the soak. */
export type Sample = {
  readonly at: number;
  readonly phase: string;
  /** Which process of the service it is: a restart makes a new one. */
  readonly pid: number;
  readonly heap: number;
  readonly resident: number;
  readonly descriptors: number;
  /** 99th percentile and maximum of the event loop's delay since the last sample. */
  readonly lagMs: number;
  readonly longestLagMs: number;
};

/** How memory grows over a window, by least squares. */
export type Slope = {
  readonly bytesPerMinute: number;
  readonly samples: number;
  readonly from: number;
  readonly to: number;
};

/** Asks the service for its gauges; undefined while it does not answer. */
export async function takeSample(service: Service, at: number, phase: string): Promise<Sample | undefined> {
  const text = await service.metrics().catch(() => undefined);
  if (text === undefined || !text.includes('process_resident_memory_bytes')) return undefined;
  return {
    at,
    phase,
    pid: service.pid,
    heap: gauge(text, 'nodejs_heap_size_used_bytes'),
    resident: gauge(text, 'process_resident_memory_bytes'),
    descriptors: gauge(text, 'process_open_fds'),
    lagMs: gauge(text, 'nodejs_eventloop_lag_p99_seconds') * 1000,
    longestLagMs: gauge(text, 'nodejs_eventloop_lag_max_seconds') * 1000,
  };
}

/**
 * The smallest value of a figure in each of so many equal parts of the time: what is left when the garbage is
 * gone, which comes and goes by tens of megabytes.
 */
export function troughsOf(
  samples: readonly Sample[],
  parts: number,
  figure: (sample: Sample) => number,
): readonly Sample[] {
  const from = samples[0]?.at ?? 0;
  const length = ((samples.at(-1)?.at ?? 0) - from) / parts || 1;
  const troughs = new Map<number, Sample>();
  for (const sample of samples) {
    const part = Math.min(parts - 1, Math.floor((sample.at - from) / length));
    const lowest = troughs.get(part);
    if (lowest === undefined || figure(sample) < figure(lowest)) troughs.set(part, sample);
  }
  return [...troughs.values()];
}

/** The slope of one figure over the samples of one process from a time on. */
export function slopeOf(
  samples: readonly Sample[],
  pid: number,
  from: number,
  figure: (sample: Sample) => number,
): Slope {
  const window = samples.filter((sample) => sample.pid === pid && sample.at >= from);
  const count = Math.max(1, window.length);
  const meanAt = window.reduce((sum, { at }) => sum + at, 0) / count;
  const mean = window.reduce((sum, sample) => sum + figure(sample), 0) / count;
  let covariance = 0;
  let variance = 0;
  for (const sample of window) {
    covariance += (sample.at - meanAt) * (figure(sample) - mean);
    variance += (sample.at - meanAt) ** 2;
  }
  return {
    bytesPerMinute: variance === 0 ? 0 : (covariance / variance) * 60,
    samples: window.length,
    from: window[0]?.at ?? from,
    to: window.at(-1)?.at ?? from,
  };
}

/** The value of an unlabeled metric in a Prometheus text. */
function gauge(text: string, name: string): number {
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
}
