// Lists of an installation, page after page, each held to its shape.
import * as z from 'zod'
import type { Asked } from '../client/transport.ts'
import { exit } from './exit.ts'

const PAGE_MAX = 200

/** What was answered, if it has the shape; else the end of the command. */
export function shaped<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw exit('unexpected', 'the address answered something else than an Enact installation would')
  return parsed.data
}

/** Everything at this path, `max` entries at most. */
export async function listed<S extends z.ZodType>(
  call: (asked: Asked) => Promise<unknown>,
  path: string,
  schema: S,
  query: Readonly<Record<string, string | undefined>> = {},
  max = Infinity
): Promise<z.output<S>[]> {
  const Page = z.looseObject({ data: z.array(schema), next_cursor: z.string().nullable() })
  const all: z.output<S>[] = []
  for (let cursor: string | null | undefined; cursor !== null && all.length < max;) {
    const limit = Math.min(PAGE_MAX, max - all.length)
    const page: z.output<typeof Page> = shaped(Page, await call({ method: 'GET', path, query: { ...query, limit, cursor } }))
    all.push(...page.data)
    cursor = page.next_cursor
  }
  return all.slice(0, max)
}
