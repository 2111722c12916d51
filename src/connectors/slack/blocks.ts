// Blocks that agents may post: what shows something. Nothing that can be pressed, and nothing that is fetched.
import * as z from 'zod'

// The same bot asks people for approvals: a button that an agent made must not stand where those stand. An image's address is fetched by
// Slack's own servers, which makes it a way out for data.

const Plain = (max: number) =>
  z.strictObject({ type: z.literal('plain_text'), text: z.string().min(1).max(max), emoji: z.boolean().optional() })
const Words = (max: number) =>
  z.discriminatedUnion('type', [
    Plain(max),
    z.strictObject({ type: z.literal('mrkdwn'), text: z.string().min(1).max(max), verbatim: z.boolean().optional() })
  ])

const style = z.strictObject({ bold: z.boolean(), italic: z.boolean(), strike: z.boolean(), code: z.boolean() }).partial().optional()
const Id = z.string().regex(/^[A-Z0-9]{2,64}$/)
const Inline = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: z.string().min(1).max(12_000), style }),
  z.strictObject({ type: z.literal('link'), url: z.url().max(3_000), text: z.string().max(3_000).optional(), style }),
  z.strictObject({ type: z.literal('emoji'), name: z.string().regex(/^[a-z0-9_'+-]{1,100}$/) }),
  z.strictObject({ type: z.literal('user'), user_id: Id, style }),
  z.strictObject({ type: z.literal('usergroup'), usergroup_id: Id, style }),
  z.strictObject({ type: z.literal('channel'), channel_id: Id, style }),
  z.strictObject({ type: z.literal('broadcast'), range: z.enum(['here', 'channel', 'everyone']), style })
])
const Section = z.strictObject({ type: z.literal('rich_text_section'), elements: z.array(Inline).max(500) })
const RichText = z.discriminatedUnion('type', [
  Section,
  z.strictObject({
    type: z.literal('rich_text_list'),
    style: z.enum(['bullet', 'ordered']),
    indent: z.int().min(0).max(8).optional(),
    elements: z.array(Section).min(1).max(200)
  }),
  z.strictObject({ type: z.literal('rich_text_quote'), elements: z.array(Inline).max(500) }),
  z.strictObject({ type: z.literal('rich_text_preformatted'), elements: z.array(Inline).max(500) })
])

const Block = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('header'), text: Plain(150) }),
  z
    .strictObject({
      type: z.literal('section'),
      text: Words(3_000).optional(),
      fields: z.array(Words(2_000)).min(1).max(10).optional(),
      expand: z.boolean().optional()
    })
    .refine(({ text, fields }) => text !== undefined || fields !== undefined, 'must have `text` or `fields`'),
  z.strictObject({ type: z.literal('divider') }),
  z.strictObject({ type: z.literal('context'), elements: z.array(Words(3_000)).min(1).max(10) }),
  z.strictObject({ type: z.literal('rich_text'), elements: z.array(RichText).min(1).max(100) })
])

/** https://docs.slack.dev/reference/block-kit/blocks: header, section, divider, context and rich_text. */
export const Blocks = z.array(Block).min(1).max(50)
