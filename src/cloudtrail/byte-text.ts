/**
 * A text of which every character is one byte of its UTF-8: its length is its length in bytes, and writing
 * it copies. Nearly every text we append is ASCII, and then it is its own byte text; that is found out once
 * per cached text, not each time one is written.
 */
export type ByteText = string & { readonly [IS_BYTES]: true };

declare const IS_BYTES: unique symbol;

/** `text` as a byte text. */
export function byteText(text: string): ByteText {
  const isAscii = Buffer.byteLength(text) === text.length;
  return (isAscii ? text : Buffer.from(text).toString('latin1')) as ByteText;
}

/** The text in one piece of memory: for what is appended to many others. */
export function flatText(text: ByteText): ByteText {
  return bytesOf(text).toString('latin1') as ByteText;
}

export const NO_BYTES = '' as ByteText;

/** The bytes. */
export function bytesOf(text: ByteText): Buffer {
  return Buffer.from(text, 'latin1');
}
