/** A small record with an operation that is known; `n` tells records apart. */
export function sampleRecord(n = 1, more: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    eventVersion: '1.11',
    eventTime: '2026-03-04T10:20:30Z',
    eventSource: 'iam.amazonaws.com',
    eventName: 'CreateUser',
    eventID: `id-${n}`,
    ...more,
  });
}
