// Where a message goes: what an agent calls a channel or a person, found in Slack, and what policies have to know about it.
import { type ActionResult, failed } from '../../engine/index.ts'
import { SlackFailure, toFailure } from './failure.ts'
import { everyPage } from './pages.ts'
import { idOfEmail, idOfHandle, readPerson, type Person } from './people.ts'
import type { Workspace } from './workspace.ts'

/** A conversation, or a person who is written to directly (`id` is then the person's own). */
export type Conversation = {
  id: string
  name: string | null
  kind: 'channel' | 'private' | 'im' | 'mpim'
  is_archived: boolean
  is_member: boolean
  /** With other workspaces, of the same organisation or not. */
  is_shared: boolean
  /** With other companies, or about to be (Slack Connect). */
  is_ext_shared: boolean
  num_members: number | null
  /** Of a direct message: the other one. */
  user: Person | null
  /** Of a group message: those who are from outside, and those who are guests. */
  externals: string[]
  guests: string[]
}

const PEOPLE_MAX = 20

/** What stands behind an id. Throws what Slack answers. */
export async function readConversation(workspace: Workspace, id: string): Promise<Conversation> {
  if (/^[UW]/.test(id)) return withPerson(await readPerson(workspace, id), { id })
  const { channel } = await workspace.api.conversations.info({ channel: id, include_num_members: true })
  if (channel?.id !== id) throw new SlackFailure('vendor_error', 'slack answers with another conversation', 'none')
  if (channel.is_im) {
    const { user } = channel as { user?: string }
    if (!user) throw new SlackFailure('vendor_error', 'slack does not say whose direct message this is', 'none')
    return withPerson(await readPerson(workspace, user), { id })
  }
  const people = channel.is_mpim ? await peopleIn(workspace, id) : []
  return {
    id,
    name: channel.name ?? null,
    kind: channel.is_mpim ? 'mpim' : channel.is_private ? 'private' : 'channel',
    is_archived: channel.is_archived === true,
    is_member: channel.is_member === true,
    is_shared: channel.is_shared === true || channel.is_org_shared === true || channel.is_ext_shared === true,
    is_ext_shared:
      channel.is_ext_shared === true || channel.is_pending_ext_shared === true || (channel.pending_connected_team_ids ?? []).length > 0,
    num_members: channel.num_members ?? null,
    user: null,
    externals: people.filter(({ is_external }) => is_external).map((person) => person.id),
    guests: people.filter(({ is_guest }) => is_guest).map((person) => person.id)
  }
}

function withPerson(user: Person, { id }: { id: string }): Conversation {
  const shared = { is_shared: user.is_external, is_ext_shared: user.is_external }
  return { id, name: null, kind: 'im', is_archived: false, is_member: true, ...shared, num_members: 2, user, externals: [], guests: [] }
}

async function peopleIn(workspace: Workspace, channel: string): Promise<Person[]> {
  const { members = [], response_metadata } = await workspace.api.conversations.members({ channel, limit: PEOPLE_MAX })
  if (response_metadata?.next_cursor)
    throw new SlackFailure('vendor_error', 'slack has more people in a group message than it says it may', 'none')
  const self = await workspace.self()
  return Promise.all(members.filter((member) => member !== self.user_id).map((member) => readPerson(workspace, member)))
}

/** The id that a text means: an id, a mention, `#name`, `@name` or an e-mail address. */
export async function idOf(workspace: Workspace, text: string): Promise<string | ActionResult<never>> {
  const plain = text
    .trim()
    .replace(/^<[#@]([A-Z0-9]+)(\|[^<>]*)?>$/, '$1')
    .replace(/^#/, '')
  if (isId(plain)) return plain
  const { ids } = workspace.client.known
  const known = ids.get(plain)
  if (known !== undefined) return known
  const found = await search(workspace, plain)
  if (typeof found === 'string') ids.set(plain, found)
  return found
}

/** Names are in lower case: capitals with a digit, or of an id's length, are an id. */
function isId(text: string): boolean {
  return /^[CDGUW][A-Z0-9]{1,63}$/.test(text) && (/\d/.test(text) || text.length >= 9)
}

async function search(workspace: Workspace, text: string): Promise<string | ActionResult<never>> {
  if (/^@[^\s@,<>]{1,80}$/.test(text)) return idOfHandle(workspace, text.slice(1))
  if (/^[^\s@,<>]{1,64}@[^\s@,<>]{1,255}$/.test(text)) return idOfEmail(workspace, text)
  const name = text.normalize('NFC').toLowerCase()
  if (!/^[^\s@#,<>]{1,80}$/.test(name)) return failed('invalid_channel', 'this is no channel: give one name, such as `#general`, or an id')
  const found = await channelsCalled(workspace, name)
  if (found === null) return failed('too_many_channels', `there are too many channels to look for \`${name}\`: name it by its id`)
  const [only, other] = found
  if (other !== undefined) return failed('channel_ambiguous', `several channels are called \`${name}\`: name one by its id`)
  return only?.id ?? failed('channel_not_found', `the bot sees no channel that is called \`${name}\` and not archived`)
}

async function channelsCalled(workspace: Workspace, name: string) {
  const search = (types: string) =>
    everyPage(
      (page) => workspace.api.conversations.list({ types, exclude_archived: true, ...page }),
      ({ channels }) => channels ?? [],
      (channel) => channel.name === name
    )
  try {
    return await search('public_channel,private_channel')
  } catch (error) {
    // A token that may not see private channels (`groups:read`) still finds the public ones.
    if (toFailure(error)?.code !== 'missing_scope') throw error
    return search('public_channel')
  }
}
