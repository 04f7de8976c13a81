import { z } from 'zod';
import { PROBLEMS, type ProblemCode } from '../errors.ts';

/** RFC 9457 problem, as documented. */
export const problemSchema = z
  .object({
    type: z.string().describe('URI reference that names the code'),
    title: z.string().describe('What went wrong'),
    status: z.int().describe('HTTP status'),
    code: z.enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]).describe('Stable code'),
    detail: z.string().optional().describe('Limits and offsets, never input'),
    request_id: z.string().optional().describe('Id of the request, as in the log'),
  })
  .meta({ id: 'Problem', description: 'What went wrong (RFC 9457)' });

/** Response entries for the given statuses, each with the codes that come with it. */
export function problemResponses(...statuses: readonly number[]) {
  return Object.fromEntries(
    statuses.map((status) => {
      const codes = (Object.keys(PROBLEMS) as ProblemCode[]).filter(
        (code) => PROBLEMS[code].status === status,
      );
      return [
        status,
        {
          description: codes.map((code) => `\`${code}\`: ${PROBLEMS[code].title}`).join('. '),
          content: { 'application/problem+json': { schema: problemSchema } },
        },
      ];
    }),
  );
}
