/**
 * Every error the service answers as `application/problem+json` (RFC 9457): stable codes, one place.
 * A detail names limits and offsets, never input: Logstash writes both sides into its log.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
export const PROBLEMS = {
  invalid_json: { status: 400, title: 'The body is not JSON' },
  empty_body: { status: 400, title: 'The body is empty' },
  java_text: { status: 400, title: "The body is Java's text form of a list, not JSON" },
  invalid_query: { status: 400, title: 'A query parameter is not understood' },
  invalid_encoding: { status: 400, title: 'The body does not decompress' },
  unauthorized: { status: 401, title: 'A key is needed' },
  forbidden: { status: 403, title: 'The key lacks the scope for this' },
  not_found: { status: 404, title: 'There is nothing here' },
  method_not_allowed: { status: 405, title: 'This method is not answered here' },
  malformed_request: { status: 400, title: 'This is no HTTP request' },
  header_too_large: { status: 431, title: 'The header is larger than DETRAILS_MAX_HEADER_BYTES' },
  request_timeout: { status: 408, title: 'The request did not arrive in time' },
  too_large: { status: 413, title: 'The body is larger than DETRAILS_MAX_BODY_BYTES' },
  decompressed_too_large: {
    status: 413,
    title: 'The decompressed body is larger than DETRAILS_MAX_DECOMPRESSED_BYTES',
  },
  too_many_records: { status: 413, title: 'There are more records than DETRAILS_MAX_RECORDS' },
  too_deep: { status: 413, title: 'Envelopes are nested too deep' },
  unsupported_media_type: { status: 415, title: 'The content type is not one this route reads' },
  unsupported_encoding: { status: 415, title: 'The content encoding is not one this service reads' },
  not_a_policy: { status: 422, title: 'This cannot be a policy document' },
  not_an_import: { status: 422, title: 'This is no output of get-account-authorization-details' },
  rate_limited: { status: 429, title: 'The rate limit of this key is used up' },
  internal: { status: 500, title: 'The service failed; the fault was logged' },
  draining: { status: 503, title: 'The service is shutting down' },
  overloaded: { status: 503, title: 'The admission queue stayed full' },
} as const;

/** Why somebody was not let in: for a metric. */
export const REFUSALS = ['no_credentials', 'unknown_key', 'missing_scope', 'no_certificate'] as const;
export type Refusal = (typeof REFUSALS)[number];

export type ProblemCode = keyof typeof PROBLEMS;

/** Thrown anywhere at the edge; the error handler turns it into a problem. */
export class ProblemError extends Error {
  readonly code: ProblemCode;
  readonly statusCode: number;
  readonly detail: string | undefined;
  /** Seconds for `Retry-After`. */
  readonly retryAfter: number | undefined;

  constructor(code: ProblemCode, detail?: string, retryAfter?: number) {
    super(PROBLEMS[code].title);
    this.name = 'ProblemError';
    this.code = code;
    this.statusCode = PROBLEMS[code].status;
    this.detail = detail;
    this.retryAfter = retryAfter;
  }
}

/** The body of a problem response. */
export type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ProblemCode;
  readonly detail?: string;
  readonly offset?: number;
  readonly request_id?: string;
};

/** RFC 9457 body for a code. `type` is a URI reference of ours that names the code. */
export function problemOf(code: ProblemCode, detail?: string, requestId?: string): Problem {
  const { status, title } = PROBLEMS[code];
  return {
    type: `urn:detrails:problem:${code}`,
    title,
    status,
    code,
    ...(detail !== undefined && { detail }),
    ...(requestId !== undefined && { request_id: requestId }),
  };
}
