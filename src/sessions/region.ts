import { boundedMemo } from './bounded-memo.ts';

/** A region's name, or nothing when it does not look like one. */
export function regionOf(region: string | undefined): string {
  return region === undefined || region.length > LONGEST_REGION ? '' : remembered(region);
}

const LONGEST_REGION = 32;
const remembered = boundedMemo(256, (region) =>
  /^[a-z]{2,4}(?:-[a-z]{2,12}){1,3}-[0-9]{1,2}$/.test(region) ? region : '',
);
