// resolve_channel: from what an agent calls a place to the place itself, so that policies judge where a message really goes.
import * as z from 'zod'
import { actionsOf, done } from '../../engine/index.ts'
import type { SlackClient } from './client.ts'
import { type Conversation, idOf, readConversation } from './conversations.ts'
import { notAllowed, onSlack } from './workspace.ts'

const action = actionsOf<SlackClient>()

/** Finds a channel or a person by id, mention, `#name`, `@name` or address, and says who is there. A name that is unknown or shared is a failure. */
export const resolve_channel = action({
  title: 'Find a channel or a person',
  input: z.strictObject({ channel: z.string().min(1).max(320) }),
  mutates: false,
  // What is asked for may be a name: it stands for the place only once it was found.
  resources: ({ channel }) => [`slack/${encodeURIComponent(channel)}`],
  run: (client, { channel }, call) =>
    onSlack<Conversation>(client, null, call, async (workspace) => {
      const id = await idOf(workspace, channel)
      if (typeof id !== 'string') return id
      return client.allows(id) ? done(await readConversation(workspace, id)) : notAllowed(id)
    })
})
