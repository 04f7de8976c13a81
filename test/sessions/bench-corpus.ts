import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type CloudTrailEvent, eventFromObject } from '../../src/cloudtrail/event.ts';
import { isObject, readArray, readString } from '../../src/cloudtrail/json.ts';

/** One session of `truth.jsonl`. */
export type TruthSession = {
  readonly label: 'foreign-ip-human' | 'foreign-ip-ec2' | 'benign-lambda-several-ips' | 'issue-not-in-corpus';
  readonly accessKeyId: string;
  readonly kind: 'human' | 'ec2' | 'lambda';
  readonly issueEventID: string | null;
  readonly homeIP: string;
  readonly foreignIP: string | null;
  readonly uses: readonly { readonly eventID: string; readonly ip: string; readonly eventTime: string }[];
};

/** The files of a generated corpus in the order of their delivery, each as its events. */
export function readDelivery(directory: string): CloudTrailEvent[][] {
  return readFileSync(join(directory, 'delivery.txt'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const file: unknown = JSON.parse(gunzipSync(readFileSync(join(directory, line))).toString());
      return (readArray(file, 'Records') ?? []).filter(isObject).map(eventFromObject);
    });
}

/** What was planted. */
export function readTruth(directory: string): TruthSession[] {
  return readFileSync(join(directory, 'truth.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as TruthSession);
}

/** The access key an event uses. */
export function accessKeyOf(event: CloudTrailEvent): string | undefined {
  return readString(event.userIdentity, 'accessKeyId');
}
