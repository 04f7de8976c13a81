import fc from 'fast-check';

/**
 * JSON as others write it: numbers that no float holds, escapes nobody needs, keys twice, white space
 * anywhere. Texts, not values, because what must survive is the bytes.
 */

const space = fc.constantFrom('', '', '', ' ', '\n', '\r\n', '\t  ');

const scalar = fc.oneof(
  fc.constantFrom('12345678901234567890', '-9007199254740993', '0.0', '-0', '1e3', '1E+05', '0.10', '1e-7'),
  fc.constantFrom(
    'true',
    'false',
    'null',
    '""',
    '"\\u00e9"',
    '"\\/"',
    '"\\ud800"',
    '"é漢😀"',
    '"\\\\\\""',
    '"}],"',
  ),
  fc.string({ unit: 'binary', maxLength: 12 }).map((text) => JSON.stringify(text)),
  fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.stringify(value)),
);

const key = fc.oneof(
  fc.constantFrom(
    '"a"',
    '"eventID"',
    '"__proto__"',
    '"constructor"',
    '"\\u0061"',
    '"é"',
    '""',
    '"resources"',
  ),
  fc.string({ maxLength: 8 }).map((text) => JSON.stringify(`k${text}`)),
);

const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc
      .tuple(fc.array(tie('value'), { maxLength: 3 }), space)
      .map(([items, gap]) => `[${gap}${items.join(`${gap},`)}${gap}]`),
    fc
      .tuple(fc.array(fc.tuple(key, tie('value')), { maxLength: 3 }), space)
      .map(([members, gap]) => objectText(members, gap)),
  ),
}));

function objectText(members: readonly (readonly [string, string])[], gap: string): string {
  const texts = members.map(([name, text]) => `${gap}${name}${gap}:${gap}${text}`);
  return `{${texts.join(`${gap},`)}${gap}}`;
}

/** A record among odd members, in any order. */
export const recordText: fc.Arbitrary<string> = fc
  .tuple(
    fc.array(fc.tuple(key, value), { maxLength: 5 }),
    fc.constantFrom('iam.amazonaws.com', 's3.amazonaws.com', 'sts.amazonaws.com', 'nobody.example'),
    fc.constantFrom('CreateUser', 'GetObject', 'AssumeRole', 'Unheard'),
    space,
  )
  .chain(([members, source, name, gap]) =>
    fc
      .shuffledSubarray(
        [...members, ['"eventSource"', `"${source}"`] as const, ['"event\\u004eame"', `"${name}"`] as const],
        { minLength: members.length + 2 },
      )
      .map((all) => objectText(all, gap)),
  );

/** An object that may or may not be a record. */
export const anyObjectText: fc.Arbitrary<string> = fc
  .tuple(fc.array(fc.tuple(key, value), { maxLength: 3 }), space)
  .map(([members, gap]) => objectText(members, gap));

const items = fc.array(fc.oneof({ arbitrary: recordText, weight: 3 }, anyObjectText, scalar), {
  maxLength: 4,
});
/** A string member that holds the text, as SNS and CloudWatch Logs do. */
const quoted = (text: string): string => JSON.stringify(text);

/** Every envelope in whose merged answer each byte that was sent is still there, in order. */
export const envelopeText: fc.Arbitrary<string> = fc
  .tuple(items, recordText, space, fc.nat(7))
  .map(([list, one, gap, kind]) => {
    const joined = list.join(`${gap},${gap}`);
    const texts = list.map((text) => `{"id":"1",${gap}"message":${quoted(text)}}`);
    switch (kind) {
      case 0:
        return `${gap}${one}${gap}`;
      case 1:
        return `{"Records"${gap}:[${gap}${joined}${gap}]${gap}}`;
      case 2:
        return `[${gap}${joined}]${gap}`;
      case 3:
        return `{"detail-type":"x",${gap}"detail":${gap}${one}${gap}}`;
      case 4:
        return `{"messageType":"DATA_MESSAGE","logEvents":[${texts.join(',')}]}`;
      case 5:
        return `{"Type":"Notification","Message":${quoted(one)}${gap}}`;
      case 6:
        return `{"body":${quoted(`{"Records":[${joined}]}`)}}`;
      default:
        return `[[${joined}]${gap},${one},{"@timestamp":"x","aws":{"cloudtrail":${one}}}]`;
    }
  });
