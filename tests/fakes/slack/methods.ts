// What Slack takes: the arguments of each method in use, as https://docs.slack.dev/reference/methods lists them. Nothing that is not listed.
import * as z from 'zod'

/** Arguments come as a form, in which everything is text. */
const Flag = z.enum(['true', 'false']).transform((text) => text === 'true')
const Count = (max: number) =>
  z
    .string()
    .regex(/^\d{1,4}$/)
    .transform(Number)
    .pipe(z.int().min(1).max(max))
const Ts = z.string().regex(/^\d{1,12}\.\d{6}$/)
const Id = (letters: string) => z.string().regex(new RegExp(`^[${letters}][A-Z0-9]+$`))
const parsed = <T extends z.ZodType>(schema: T) =>
  z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown
      } catch {
        context.addIssue('is not JSON')
        return z.NEVER
      }
    })
    .pipe(schema)

const Plain = (max: number) =>
  z.strictObject({ type: z.literal('plain_text'), text: z.string().min(1).max(max), emoji: z.boolean().optional() })
const Words = (max: number) =>
  z.union([Plain(max), z.strictObject({ type: z.literal('mrkdwn'), text: z.string().min(1).max(max), verbatim: z.boolean().optional() })])
const block_id = z.string().max(255).optional()
/** https://docs.slack.dev/reference/block-kit/blocks; the elements of rich text as far as their kind. */
const Block = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('header'), block_id, text: Plain(150) }),
  z.strictObject({
    type: z.literal('section'),
    block_id,
    text: Words(3_000).optional(),
    fields: z.array(Words(2_000)).max(10).optional(),
    expand: z.boolean().optional()
  }),
  z.strictObject({ type: z.literal('divider'), block_id }),
  z.strictObject({ type: z.literal('context'), block_id, elements: z.array(Words(3_000)).min(1).max(10) }),
  z.strictObject({
    type: z.literal('rich_text'),
    block_id,
    elements: z.array(z.looseObject({ type: z.enum(['rich_text_section', 'rich_text_list', 'rich_text_quote', 'rich_text_preformatted']) }))
  })
])
/** https://docs.slack.dev/messaging/message-metadata: an event, or an empty object to take it away. */
const Metadata = z.union([
  z.strictObject({ event_type: z.string().regex(/^[a-z0-9_]+$/), event_payload: z.record(z.string(), z.json()) }),
  z.strictObject({})
])

const content = {
  text: z.string().max(40_000).optional(),
  blocks: parsed(z.array(Block).max(50)).optional(),
  metadata: parsed(Metadata).optional(),
  parse: z.enum(['none', 'full']).optional(),
  link_names: Flag.optional()
}
const paged = { limit: Count(1_000).optional(), cursor: z.string().optional() }
const timeline = {
  ...paged,
  oldest: Ts.optional(),
  latest: Ts.optional(),
  inclusive: Flag.optional(),
  include_all_metadata: Flag.optional()
}

/** By method: its arguments, and the scope that a bot's token needs (one for each kind of conversation where there is a list). */
export const METHODS = {
  'auth.test': { schema: z.strictObject({}), scope: null },
  'chat.postMessage': {
    schema: z.strictObject({
      channel: Id('CDGUW'),
      ...content,
      thread_ts: Ts.optional(),
      reply_broadcast: Flag.optional(),
      unfurl_links: Flag.optional(),
      unfurl_media: Flag.optional()
    }),
    scope: 'chat:write'
  },
  'chat.update': { schema: z.strictObject({ channel: Id('CDG'), ts: Ts, ...content }), scope: 'chat:write' },
  'chat.delete': { schema: z.strictObject({ channel: Id('CDG'), ts: Ts }), scope: 'chat:write' },
  'conversations.info': {
    schema: z.strictObject({ channel: Id('CDG'), include_num_members: Flag.optional() }),
    scope: ':read'
  },
  'conversations.list': {
    schema: z.strictObject({
      ...paged,
      types: z.string().regex(/^(public_channel|private_channel|im|mpim)(,(public_channel|private_channel|im|mpim))*$/),
      exclude_archived: Flag.optional()
    }),
    scope: null
  },
  'conversations.members': { schema: z.strictObject({ ...paged, channel: Id('CDG') }), scope: ':read' },
  'conversations.open': { schema: z.strictObject({ users: Id('UW') }), scope: 'im:write' },
  'conversations.history': { schema: z.strictObject({ ...timeline, channel: Id('CDG') }), scope: ':history' },
  'conversations.replies': { schema: z.strictObject({ ...timeline, channel: Id('CDG'), ts: Ts }), scope: ':history' },
  'users.info': { schema: z.strictObject({ user: Id('UW') }), scope: 'users:read' },
  'users.list': { schema: z.strictObject(paged), scope: 'users:read' },
  'users.lookupByEmail': { schema: z.strictObject({ email: z.email() }), scope: 'users:read.email' }
} as const

export type Method = keyof typeof METHODS
export type Arguments<M extends Method> = z.output<(typeof METHODS)[M]['schema']>
