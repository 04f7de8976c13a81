import { OPTIONS } from '../../src/config.ts';

/** The README's table of options, from their schemas. */
export function optionsTable(): string {
  const rows = Object.entries(OPTIONS).map(([name, schema]) => {
    const parsed = schema.safeParse(undefined);
    const fallback =
      parsed.success && parsed.data !== undefined && parsed.data !== '' ? `\`${parsed.data}\`` : '';
    return `| \`${name}\` | ${fallback} | ${schema.description ?? ''} |`;
  });
  return ['| name | default | meaning |', '| --- | --- | --- |', ...rows].join('\n');
}

const START = '<!-- options:start -->\n';
const END = '\n<!-- options:end -->';

/** `readme` with the table as it should be. */
export function withOptionsTable(readme: string): string {
  const start = readme.indexOf(START) + START.length;
  const end = readme.indexOf(END, start - 1);
  return readme.slice(0, start) + optionsTable() + readme.slice(end);
}
