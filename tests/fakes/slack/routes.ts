// What each method of the fake does and answers.
import type { Arguments, Method } from './methods.ts'
import { type Channel, type Message, Refusal, type World } from './world.ts'

type Answer = Readonly<Record<string, unknown>>
type Routes = { readonly [M in Method]: (world: World, given: Arguments<M>, effect: (what: string) => void) => Answer }

function kindOf({ is_im, is_mpim, is_private }: Channel): string {
  return is_im ? 'im' : is_mpim ? 'mpim' : is_private ? 'groups' : 'channels'
}

/** A conversation whose messages the bot may read. */
function readable(world: World, id: string): Channel {
  const channel = world.channel(id)
  world.need(`${kindOf(channel)}:history`)
  if (!channel.is_im && !channel.is_mpim && !channel.is_member) throw new Refusal('not_in_channel')
  return channel
}

function page<T>(items: readonly T[], { limit = 100, cursor }: { limit?: number | undefined; cursor?: string | undefined }) {
  const from = cursor === undefined ? 0 : Number(Buffer.from(cursor, 'base64').toString())
  if (!Number.isInteger(from)) throw new Refusal('invalid_cursor')
  const next = from + limit < items.length ? Buffer.from(String(from + limit)).toString('base64') : ''
  return { items: items.slice(from, from + limit), response_metadata: { next_cursor: next }, has_more: next !== '' }
}

interface Span {
  readonly oldest?: string | undefined
  readonly latest?: string | undefined
  readonly inclusive?: boolean | undefined
}

function isWithin(ts: string, { oldest = '0', latest = '9999999999999', inclusive = false }: Span): boolean {
  const [at, from, to] = [ts, oldest, latest].map(Number) as [number, number, number]
  return inclusive ? at >= from && at <= to : at > from && at < to
}

/** As Slack tells it: metadata only where it is asked for, answers counted at their thread's first message. */
function told(world: World, { channel, is_broadcast: _broadcast, metadata, ...message }: Message, withMetadata: boolean | undefined) {
  const replies = world.messages.filter((one) => one.channel === channel && one.thread_ts === message.ts && one.ts !== message.ts)
  const thread =
    replies.length === 0
      ? {}
      : { thread_ts: message.ts, reply_count: replies.length, reply_users: [...new Set(replies.map(({ user }) => user))] }
  return { ...message, ...thread, ...(metadata && withMetadata ? { metadata } : {}) }
}

function own(world: World, channel: string, ts: string, error: string): Message {
  const message = world.find(channel, ts)
  if (!message || message.subtype === 'tombstone') throw new Refusal('message_not_found')
  if (message.bot_id !== world.bot.bot_id) throw new Refusal(error)
  return message
}

/** Slack gives each block an id. */
function withIds(blocks: readonly unknown[] | undefined): unknown[] | undefined {
  return blocks?.length ? blocks.map((block, at) => ({ block_id: `b${at}`, ...(block as object) })) : undefined
}

function put(message: Message, key: 'blocks' | 'metadata', value: unknown): void {
  if (value === undefined) delete message[key]
  else Object.assign(message, { [key]: value })
}

const eventOf = (metadata: object | undefined) => (metadata && 'event_type' in metadata ? metadata : undefined)

export const routes: Routes = {
  'auth.test': ({ team_id, enterprise_id, bot }) => ({
    team_id,
    ...(enterprise_id ? { enterprise_id } : {}),
    user_id: bot.user,
    bot_id: bot.bot_id
  }),
  'chat.postMessage'(world, { channel: id, text = '', blocks, thread_ts, reply_broadcast, metadata }, effect) {
    const channel = world.channel(id)
    if (channel.is_archived) throw new Refusal('is_archived')
    if (!channel.is_im && !channel.is_mpim && !channel.is_member) throw new Refusal('not_in_channel')
    if (text === '' && !blocks?.length) throw new Refusal('no_text')
    if (reply_broadcast && thread_ts === undefined) throw new Refusal('invalid_arguments')
    if (thread_ts !== undefined && !world.find(id, thread_ts)) throw new Refusal('thread_not_found')
    const shown = withIds(blocks)
    const message = world.botSays(id, text, {
      ...(shown ? { blocks: shown } : {}),
      ...(thread_ts ? { thread_ts } : {}),
      ...(reply_broadcast ? { is_broadcast: true } : {}),
      ...(eventOf(metadata) ? { metadata: metadata as never } : {})
    })
    effect(`post ${id}`)
    return { channel: id, ts: message.ts, message: told(world, message, true) }
  },
  'chat.update'(world, { channel, ts, text, blocks, metadata }, effect) {
    world.channel(channel)
    const message = own(world, channel, ts, 'cant_update_message')
    if (text !== undefined) message.text = text
    if (blocks !== undefined) put(message, 'blocks', withIds(blocks))
    if (metadata !== undefined) put(message, 'metadata', eventOf(metadata))
    message.edited = { user: world.bot.user, ts: world.stamp() }
    effect(`update ${channel} ${ts}`)
    return { channel, ts, text: message.text, message: { text: message.text, user: message.user } }
  },
  'chat.delete'(world, { channel, ts }, effect) {
    world.channel(channel)
    world.delete(own(world, channel, ts, 'cant_delete_message'))
    effect(`delete ${channel} ${ts}`)
    return { channel, ts }
  },
  'conversations.info'(world, { channel: id, include_num_members }) {
    const channel = world.channel(id)
    world.need(`${kindOf(channel)}:read`)
    const { members, ...known } = channel
    return { channel: { ...known, ...(include_num_members && !channel.is_im ? { num_members: members.length } : {}) } }
  },
  'conversations.list'(world, { types, exclude_archived, ...paged }) {
    const kinds = types.split(',').map((type) => ({ public_channel: 'channels', private_channel: 'groups', im: 'im', mpim: 'mpim' })[type]!)
    for (const kind of kinds) world.need(`${kind}:read`)
    const all = [...world.channels.values()].filter(
      (channel) => kinds.includes(kindOf(channel)) && !(exclude_archived && channel.is_archived)
    )
    const { items, response_metadata } = page(all, paged)
    return { channels: items.map(({ members: _members, ...channel }) => channel), response_metadata }
  },
  'conversations.members'(world, { channel: id, ...paged }) {
    const channel = world.channel(id)
    world.need(`${kindOf(channel)}:read`)
    const { items, response_metadata } = page(channel.members, paged)
    return { members: items, response_metadata }
  },
  'conversations.open'(world, { users: user }) {
    if (!world.users.has(user)) throw new Refusal('user_not_found')
    const id = `D${user.slice(1)}`
    if (!world.channels.has(id)) world.add({ id, is_im: true, user, members: [world.bot.user, user] })
    return { channel: { id } }
  },
  'conversations.history'(world, { channel, include_all_metadata, limit, cursor, ...span }) {
    readable(world, channel)
    const shown = world.messages.filter(
      (one) =>
        one.channel === channel && (one.thread_ts === undefined || one.thread_ts === one.ts || one.is_broadcast) && isWithin(one.ts, span)
    )
    const { items, response_metadata, has_more } = page(shown.toReversed(), { limit, cursor })
    return { messages: items.map((one) => told(world, one, include_all_metadata)), has_more, response_metadata }
  },
  'conversations.replies'(world, { channel, ts, include_all_metadata, limit, cursor, ...span }) {
    readable(world, channel)
    if (!world.find(channel, ts)) throw new Refusal('thread_not_found')
    const shown = world.messages.filter(
      (one) => one.channel === channel && (one.ts === ts || (one.thread_ts === ts && isWithin(one.ts, span)))
    )
    const { items, response_metadata, has_more } = page(shown, { limit, cursor })
    return { messages: items.map((one) => told(world, one, include_all_metadata)), has_more, response_metadata }
  },
  'users.info'(world, { user }) {
    const found = world.users.get(user)
    if (!found) throw new Refusal('user_not_found')
    const { email: _email, ...known } = found
    return { user: known }
  },
  'users.list'(world, paged) {
    const { items, response_metadata } = page([...world.users.values()], paged)
    return { members: items.map(({ email: _email, ...known }) => known), response_metadata }
  },
  'users.lookupByEmail'(world, { email }) {
    const found = [...world.users.values()].find((user) => user.email === email.toLowerCase())
    if (!found) throw new Refusal('users_not_found')
    return { user: { id: found.id } }
  }
}
