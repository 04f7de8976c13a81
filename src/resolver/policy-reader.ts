import type { KnownPolicy, PolicyRef } from './port.ts';

/**
 * What came of asking IAM once. `gone` and `denied` are answers: asking again soon is useless. `busy` is
 * throttling, a server's or network's failure: asking again later is not.
 */
export type ReadOutcome =
  | { readonly outcome: 'read'; readonly policy: KnownPolicy }
  | { readonly outcome: 'gone' | 'denied' | 'foreign' | 'busy' | 'garbage' };

/** Asks IAM for one policy. Never rejects. */
export interface PolicyReader {
  read(ref: PolicyRef): Promise<ReadOutcome>;
  close(): void;
}
