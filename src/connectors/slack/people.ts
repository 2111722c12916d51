// Who somebody is to the workspace: one of its own, a guest, or from outside.
import { type ActionResult, failed } from '../../engine/index.ts'
import { SlackFailure } from './failure.ts'
import { everyPage } from './pages.ts'
import { orNull, type Workspace } from './workspace.ts'

/** What policies read of a person. */
export type Person = {
  id: string
  name: string | null
  team_id: string | null
  /** Of another company: not of this workspace, nor of its Enterprise organisation. */
  is_external: boolean
  /** Let in by the workspace, for some channels only. */
  is_guest: boolean
  is_bot: boolean
}

/** Throws what Slack answers where it does not know the person. */
export async function readPerson(workspace: Workspace, id: string): Promise<Person> {
  const self = await workspace.self()
  const { user } = await workspace.api.users.info({ user: id })
  if (!user?.id) throw new SlackFailure('vendor_error', 'slack does not say who this is', 'none')
  const team = user.team_id ?? null
  const organisation = user.enterprise_user?.enterprise_id ?? null
  const isOwn =
    team === self.team_id || (self.enterprise_id !== null && (organisation === self.enterprise_id || team === self.enterprise_id))
  return {
    id: user.id,
    name: user.name ?? null,
    team_id: team,
    // Who cannot be told to be one of us is not.
    is_external: user.is_stranger === true || !isOwn,
    is_guest: user.is_restricted === true || user.is_ultra_restricted === true,
    is_bot: user.is_bot === true
  }
}

/** The id behind `@name`, by the one name that nobody shares; display names are chosen freely and prove nothing. */
export async function idOfHandle(workspace: Workspace, name: string): Promise<string | ActionResult<never>> {
  const found = await everyPage(
    (page) => workspace.api.users.list(page),
    ({ members }) => members ?? [],
    (member) => member.name === name && member.deleted !== true
  )
  if (found === null) return failed('too_many_users', `there are too many people to look for \`@${name}\`: name the person by id`)
  const [only, other] = found
  if (only?.id === undefined || other !== undefined)
    return failed('user_not_found', `slack knows ${other ? 'several people' : 'nobody'} by the name \`@${name}\``)
  return only.id
}

/** The id behind an address. */
export async function idOfEmail(workspace: Workspace, email: string): Promise<string | ActionResult<never>> {
  const found = await orNull(workspace.api.users.lookupByEmail({ email }), 'users_not_found', 'user_not_found')
  return found?.user?.id ?? failed('user_not_found', `slack knows nobody by the address \`${email}\``)
}
