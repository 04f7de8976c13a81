/** A managed policy, and perhaps one version of it, that an event referred to and nobody knows. */
export type PolicyRef = {
  readonly arn: string;
  /** Without it, the version that is the default when IAM is asked. */
  readonly version?: string;
  /** The account that received the event: through it, AWS-managed policies are read too. */
  readonly account: string;
};

/** Reads policies from IAM outside the request that wanted them; later events find them in the store. */
export interface PolicyResolver {
  /** Remembers the wish and returns at once. Wishes beyond the queue's bound are dropped and counted. */
  want(ref: PolicyRef): void;
  /** Stops after the calls under way. */
  close(): Promise<void>;
}

/** A managed policy as IAM itself described it, in whatever way it was asked. */
export type KnownPolicy = {
  readonly arn: string;
  /** The versions that were read; not always all there are. */
  readonly versions: readonly KnownVersion[];
  /** The default when it was read. */
  readonly defaultVersion: string;
  /** When it was read, ISO 8601; absent when nobody knows. */
  readonly observedAt?: string;
};

export type KnownVersion = {
  readonly version: string;
  /** JSON text, URL-encoded JSON text or an object. */
  readonly document: unknown;
  /** ISO 8601. */
  readonly createdAt: string;
};
