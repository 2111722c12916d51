// The cases of a policy test file: read, checked, bound to their policy and judged.
import { readFile } from 'node:fs/promises'
import * as z from 'zod'
import { Fault, JsonObject, type JudgedContext, type Parsers, type Policy } from '../../engine/index.ts'
import { catalogue } from '../../policies/index.ts'
import { exit } from '../exit.ts'

const Context = z.object({
  workflow: z.string().default('policy_test'),
  action: z.string().nullable().default(null),
  system: z.string().nullable().default(null),
  user_email: z.string().default('agent@example.com'),
  user_attributes: JsonObject.default({}),
  payload: JsonObject
})
type Context = z.infer<typeof Context>

const Note = z.unknown().optional()
const Case = z.strictObject({
  policy: z.string(),
  params: JsonObject.optional(),
  context: Context,
  now: z.iso.datetime({ offset: true }).optional(),
  facts: JsonObject.default({}),
  lookups: JsonObject.default({}),
  before: z.array(Context).default([]),
  expect: z.enum(['pass', 'block', 'ask']),
  reason_mentions: z.array(z.string()).default([]),
  id: Note,
  name: Note,
  title: Note,
  description: Note,
  comment: Note,
  note: Note,
  why: Note,
  source: Note,
  tags: Note
})
type Case = z.infer<typeof Case>

/** What became of one case, in the form that `--json` prints. */
export interface CaseResult {
  readonly index: number
  readonly policy: string
  readonly expect: Case['expect']
  readonly got: Case['expect']
  readonly reason: string
  readonly ok: boolean
}

const GOT = { allow: 'pass', deny: 'block', ask: 'ask' } as const

/** A case that is known to make sense, and the policy that it is about. */
export interface BoundCase {
  readonly index: number
  readonly given: Case
  readonly policy: Policy
}

/** Reads a file of cases, a JSON array or NDJSON, and binds each; ends with a usage error naming the file and the case where one is not right. */
export async function readCases(file: string): Promise<BoundCase[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw exit('usage', `\`${file}\` cannot be read: ${error.code === 'ENOENT' ? 'there is no such file' : error.message}`)
  })
  const cases = parseCases(text.replace(/^\ufeff/, ''), file)
  if (cases.length === 0) throw exit('usage', `\`${file}\` holds no cases`)
  return cases.map((given, index) => bindCase(given, index, file))
}

/** Judges the policy by itself, whatever actions it guards; `hostFacts` are those that the case does not name. */
export function judgeCase({ index, given, policy }: BoundCase, now: number, hostFacts: JsonObject, parsers: Parsers): CaseResult {
  const common = {
    now: given.now === undefined ? now : Date.parse(given.now),
    facts: { ...hostFacts, ...given.facts, ...given.lookups },
    parsers
  }
  const before: JudgedContext[] = []
  for (const earlier of given.before) before.push({ ...common, ...withRole(earlier), before: [...before] })
  const { effect, reason } = policy.judge({ ...common, ...withRole(given.context), before })
  const mentioned = given.reason_mentions.every((part) => reason.toLowerCase().includes(part.toLowerCase()))
  return { index, policy: policy.id, expect: given.expect, got: GOT[effect], reason, ok: GOT[effect] === given.expect && mentioned }
}

/** As the gate does, takes the actor's role from the attributes; a test may also write it into the payload, as a host program does. */
function withRole(context: Context): Context {
  const { actor_role } = context.user_attributes
  return actor_role === undefined ? context : { ...context, payload: { ...context.payload, actor_role } }
}

function parseCases(text: string, file: string): unknown[] {
  const whole = parseJson(text)
  if (whole.ok) return Array.isArray(whole.value) ? whole.value : [whole.value]
  if (text.trimStart().startsWith('[')) throw exit('usage', `\`${file}\` is not JSON: ${whole.error}`)
  return text.split(/\r?\n/).flatMap((line, at) => {
    if (line.trim() === '') return []
    const parsed = parseJson(line)
    if (!parsed.ok) throw exit('usage', `\`${file}\`, line ${at + 1} is not JSON: ${parsed.error}`)
    return [parsed.value]
  })
}

function parseJson(text: string): { ok: true; value: unknown } | { ok: false; error: string } {
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error.message : 'it cannot be parsed' }
  }
}

function bindCase(given: unknown, index: number, file: string): BoundCase {
  const parsed = Case.safeParse(given)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const place = issue === undefined || issue.path.length === 0 ? '' : `\`${issue.path.join('.')}\`: `
    throw exit('usage', `\`${file}\`, case ${index}: ${place}${issue?.message ?? 'not valid'}`)
  }
  const entry = catalogue.get(parsed.data.policy)
  if (entry === undefined)
    throw exit('usage', `\`${file}\`, case ${index}: there is no policy \`${parsed.data.policy}\` (see \`enact policy list\`)`)
  try {
    return { index, given: parsed.data, policy: entry.definition(parsed.data.params) }
  } catch (error) {
    throw exit('usage', `\`${file}\`, case ${index}: ${error instanceof Fault ? error.detail : String(error)}`)
  }
}
