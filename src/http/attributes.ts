// What policies may believe of a user: from the key and from the registered people, never from the request.
import { fault, mergeAttributes, type JsonObject } from '../engine/index.ts'
import type { Actor, Host } from './host.ts'

/**
 * The attributes of the user that this key acts as; the key's own win. Give it only an address that `requireUser` has let through.
 * Throws `unavailable` where they cannot be read: to believe nothing could let something pass that a role forbids.
 */
export async function userAttributes(host: Host, actor: Actor, userEmail: string): Promise<JsonObject> {
  const person = await host.people.attributes(actor.team_id, userEmail).catch(() => {
    throw fault('unavailable', 'the registered people could not be read')
  })
  return mergeAttributes(person, actor.attributes)
}
