// The workspace behind the fake: its channels, people and messages, and a clock that only messages move.

export type Channel = {
  readonly id: string
  name?: string
  is_im?: boolean
  is_mpim?: boolean
  is_private?: boolean
  is_archived?: boolean
  is_member?: boolean
  is_shared?: boolean
  is_ext_shared?: boolean
  is_pending_ext_shared?: boolean
  /** Of a direct message. */
  user?: string
  members: string[]
}

export type User = {
  readonly id: string
  readonly name: string
  readonly team_id: string
  readonly email?: string
  readonly is_bot?: boolean
  readonly is_restricted?: boolean
  readonly is_ultra_restricted?: boolean
  readonly is_stranger?: boolean
  deleted?: boolean
  readonly enterprise_user?: { readonly enterprise_id: string }
}

export type Message = {
  type: 'message'
  ts: string
  channel: string
  text: string
  blocks?: unknown[]
  user: string
  bot_id?: string
  app_id?: string
  thread_ts?: string
  metadata?: { event_type: string; event_payload: unknown }
  edited?: { user: string; ts: string }
  subtype?: string
  is_broadcast?: boolean
}

/** An error in Slack's form: `{ok: false, error}`. */
export class Refusal extends Error {
  readonly more: Readonly<Record<string, unknown>>
  constructor(error: string, more: Readonly<Record<string, unknown>> = {}) {
    super(error)
    this.more = more
  }
}

const BOT = { user: 'U0ENACT00', bot_id: 'B0ENACT00', app_id: 'A0ENACT00' }

export class World {
  readonly team_id = 'T0HOUSE00'
  enterprise_id: string | null = null
  readonly bot = BOT
  /** What the token was given. */
  readonly scopes = new Set([
    'chat:write',
    'users:read',
    'users:read.email',
    'im:write',
    ...['channels', 'groups', 'im', 'mpim'].flatMap((kind) => [`${kind}:read`, `${kind}:history`])
  ])
  readonly channels = new Map<string, Channel>()
  readonly users = new Map<string, User>()
  messages: Message[] = []
  /** Seconds since the epoch; in the answers' Date header and in each `ts`. */
  now = 1_790_000_000
  #count = 0

  constructor() {
    for (const user of [
      { id: BOT.user, name: 'enact', team_id: this.team_id, is_bot: true },
      { id: 'U0ADA0000', name: 'ada', team_id: this.team_id, email: 'ada@house.example' },
      { id: 'U0BOB0000', name: 'bob', team_id: this.team_id, email: 'bob@house.example' },
      { id: 'U0GUEST00', name: 'gus', team_id: this.team_id, is_restricted: true },
      { id: 'U0EVE0000', name: 'eve', team_id: 'T0OTHER00', email: 'eve@other.example' }
    ])
      this.users.set(user.id, user)
    const everybody = [...this.users.keys()]
    this.add({ id: 'C0GENERAL', name: 'general', is_member: true, members: everybody })
    this.add({ id: 'C0RELEASE', name: 'releases', is_member: true, members: [BOT.user, 'U0ADA0000'] })
    this.add({ id: 'C0QUIET00', name: 'quiet', is_member: false, members: ['U0ADA0000'] })
    this.add({ id: 'C0OLD0000', name: 'old', is_archived: true, is_member: true, members: [] })
    this.add({ id: 'C0SHARED0', name: 'with-other', is_ext_shared: true, is_shared: true, is_member: true, members: everybody })
    this.add({ id: 'G0SECRET0', name: 'secret', is_private: true, is_member: true, members: [BOT.user, 'U0ADA0000'] })
    this.add({ id: 'G0GROUP00', name: 'mpdm-ada--eve--enact-1', is_mpim: true, members: [BOT.user, 'U0ADA0000', 'U0EVE0000'] })
    this.add({ id: 'D0ADA0000', is_im: true, user: 'U0ADA0000', members: [BOT.user, 'U0ADA0000'] })
  }

  add(channel: Channel): void {
    this.channels.set(channel.id, channel)
  }

  /** The conversation, as the bot may see it. */
  channel(id: string): Channel {
    const found = this.channels.get(id)
    if (!found) throw new Refusal('channel_not_found')
    return found
  }

  need(scope: string): void {
    if (!this.scopes.has(scope)) throw new Refusal('missing_scope', { needed: scope, provided: [...this.scopes].join(',') })
  }

  stamp(): string {
    this.now++
    return `${this.now}.${String(++this.#count).padStart(6, '0')}`
  }

  find(channel: string, ts: string): Message | undefined {
    return this.messages.find((message) => message.channel === channel && message.ts === ts)
  }

  /** Somebody says something. */
  say(channel: string, text: string, more: Partial<Message> = {}): Message {
    const message: Message = { type: 'message', ts: this.stamp(), channel, text, user: 'U0ADA0000', ...more }
    this.messages.push(message)
    return message
  }

  /** The bot says something, without the connector's help. */
  botSays(channel: string, text: string, more: Partial<Message> = {}): Message {
    return this.say(channel, text, { ...BOT, ...more })
  }

  delete(message: Message): void {
    const hasReplies = this.messages.some((one) => one.thread_ts === message.ts && one.ts !== message.ts)
    if (hasReplies) Object.assign(message, { subtype: 'tombstone', text: 'This message was deleted.', user: 'USLACKBOT' })
    else this.messages = this.messages.filter((one) => one !== message)
  }

  /** What people see: without the note that something was edited. */
  snapshot(): unknown {
    return structuredClone(this.messages.map(({ edited: _edited, ...message }) => message))
  }
}
