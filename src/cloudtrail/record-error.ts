/**
 * Why a record was not enriched: the codes of `detrails.error`. Stable, documented in the README. The
 * details never repeat input.
 */
export const RECORD_ERRORS = {
  not_a_record: 'This is no CloudTrail record and no envelope that holds one.',
  invalid_record: 'eventSource and eventName must be texts.',
  too_deep: 'The record is nested deeper than DETRAILS_MAX_DEPTH.',
  merge_impossible: 'A text inside this object holds a list of records; ask for output=enrichments.',
  java_text:
    "A Logstash template turned a list into Java's text form; send it under a map with body_format json.",
  insight_event: 'CloudTrail Insights events are statistics, not calls.',
  digest_file: 'CloudTrail digest files hold hashes of log files, not calls.',
  custom_event: 'CloudTrail Lake events from outside AWS have no IAM action.',
  internal: 'Enriching this record failed; the fault was logged.',
} as const;

export type RecordErrorCode = keyof typeof RECORD_ERRORS;
