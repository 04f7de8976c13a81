/**
 * ioredis declares a class that extends `String`. From then on V8 (of Node 20 to 26) keeps
 * `String.prototype` the way it keeps what is still being set up, as a dictionary, and every call of a
 * method on a text looks it up anew: four to five times the cost of a loop over characters, anywhere in the
 * process. V8 takes it back once code that runs often reads a property of a String *object*, which nobody's
 * does; texts themselves, being no objects, never lead there.
 */

/** More often than V8 lets code run before it takes note of what that code reads. */
const ENOUGH_READS = 1000;

/** Has V8 keep `String.prototype` the fast way again; to be called after ioredis was loaded. */
export function restoreFastStrings(): void {
  const text: object = Object('text');
  for (let reads = 0; reads < ENOUGH_READS; reads++) readProperty(text);
}

function readProperty(text: object): unknown {
  return text.toString;
}
