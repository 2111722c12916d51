// One message, one channel, and nobody is called who need not come.
import * as z from 'zod'
import { allow, definePolicy, deny, type JsonObject, type JudgedContext, quoted } from '../../engine/index.ts'
import { massMention } from './mentions.ts'
import { CHANNEL_LOOKUP, nameOf, placeIn } from './place.ts'

const MINUTE_MS = 60_000
const Texts = z.union([z.string(), z.array(z.string())]).optional()
const Parts = z.union([z.string(), z.array(z.record(z.string(), z.json()))]).optional()
const Reads = z.object({ channel: z.string().optional(), channels: Texts, text: z.string().optional(), blocks: Parts, attachments: Parts })

/**
 * Denies a message that calls everybody or a group (`@channel`, `@here`, `@everyone`, in the text or in blocks at any depth, however it is
 * spelt), one to more than `max_channels` channels, here or in this session within `window_minutes`, and, where `max_members` is given, one to
 * a channel with more people.
 */
export const noBulkChannelBlast = definePolicy({
  id: 'no_bulk_channel_blast',
  title: 'No message to everybody',
  params: z.strictObject({
    max_channels: z.int().min(1).default(1),
    window_minutes: z.number().positive().default(10),
    max_members: z.int().min(1).optional()
  }),
  reads: Reads,
  on: ['slack.writes'],
  lookups: [CHANNEL_LOOKUP],
  evaluate({ reads, before, facts, now }, { max_channels, window_minutes, max_members }) {
    const called = [reads.text, reads.blocks, reads.attachments].map((part) => massMention(part)).find((one) => one !== null)
    if (called !== undefined && called !== null)
      return deny(`the message calls ${called}`, { remedy: 'name the people who must know, or nobody' })
    const here = channelsIn(reads, facts)
    const remedy = `write to at most ${max_channels} of them`
    if (here.size > max_channels) return deny(`${here.size} channels at once, at most ${max_channels} are allowed`, { remedy })
    const since = now - window_minutes * MINUTE_MS
    const earlier = before.filter((one) => isPost(one, since)).flatMap((one) => [...channelsIn(one.payload, one.facts)])
    const all = new Set([...here, ...earlier])
    if (here.size > 0 && all.size > max_channels) {
      const many = `${all.size} channels within ${window_minutes} minutes`
      return deny(`${many}, at most ${max_channels} are allowed`, { remedy: `${remedy}, or wait` })
    }
    const crowd = max_members === undefined || reads.channel === undefined ? null : tooMany(reads.channel, facts, max_members)
    return crowd === null ? allow('it calls nobody, in one place') : deny(crowd, { remedy: 'write to a smaller channel' })
  }
})

function isPost({ workflow, action, now }: JudgedContext, since: number): boolean {
  return now >= since && (workflow === 'post_slack_message' || action === 'post_message')
}

/** Every channel once: by its id where Slack has told it, else as it is written. */
function channelsIn({ channel, channels }: JsonObject | z.infer<typeof Reads>, facts: JsonObject): Set<string> {
  const place = placeIn(facts)
  const named = typeof place === 'string' ? channel : place.id
  const texts = [named, ...(Array.isArray(channels) ? channels : [channels])].filter((one) => typeof one === 'string')
  const names = texts.flatMap((text) => text.split(/[,;\n]/)).map(nameOf)
  return new Set(names.filter((name) => name !== ''))
}

function tooMany(channel: string, facts: JsonObject, most: number): string | null {
  const place = placeIn(facts)
  if (typeof place === 'string') return `how many people read ${quoted(channel)} could not be looked up: ${place}`
  if (place.num_members === null) return `how many people read ${quoted(channel)} is not known`
  return place.num_members > most ? `${place.num_members} people read ${quoted(channel)}, at most ${most} are allowed` : null
}
