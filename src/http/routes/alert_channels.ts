// Channels of alerts: where they go, with which severity, at which hours; and the button that tries one.
import { ALERT_CHANNELS, fault, type AlertChannelListed, type AlertChannelKind, type Json } from '../../engine/index.ts'
import * as z from 'zod'
import { AlertPath, ChannelChanged, ChannelPatch, ChannelShown, ChannelTested, NewChannel, NothingMore } from '../alert_schema.ts'
import { applyChange, changeOf } from '../change.ts'
import type { Actor, Host } from '../host.ts'
import { answer } from '../problem.ts'
import { route } from '../route.ts'
import { idempotencyKeyOf, idempotentRunId } from '../run_id.ts'
import { pageOf } from '../schema.ts'

/** `GET /alert-channels`. */
export const listAlertChannels = route({
  id: 'listAlertChannels',
  method: 'GET',
  path: '/alert-channels',
  access: ['admin'],
  title: 'List channels of alerts',
  about: 'With how the last delivery of each ended. Never an address that is a secret. Webhook endpoints hear `alert.fired` beside these.',
  tag: 'alerts',
  answers: { 200: { title: 'The channels', schema: pageOf(ChannelShown) } },
  async handle({ host, actor }) {
    const data = (await host.alertChannels.list(actor.team_id)).map((channel) => shown(host, channel))
    return answer(200, { data, next_cursor: null, has_more: false })
  }
})

/** `POST /alert-channels`. */
export const createAlertChannel = route({
  id: 'createAlertChannel',
  method: 'POST',
  path: '/alert-channels',
  access: ['admin'],
  title: 'Add a channel of alerts',
  about: 'In `quiet_hours` nothing is sent but, unless `except` is null, what is critical; the rest comes as one digest when they end.',
  tag: 'alerts',
  body: NewChannel,
  idempotent: true,
  answers: { 201: { title: 'The channel', schema: ChannelChanged } },
  async handle({ host, actor, body, headers }) {
    requireRules(host, actor, body.rules)
    const { ports } = host
    const key = idempotencyKeyOf(headers)
    const id = key === null ? ports.ids.runId() : await idempotentRunId(actor, `POST /alert-channels\n${key}`, ports)
    const { kind, name = null, min_severity = 'info', rules = [], quiet_hours = null, enabled = true } = body
    const given = { kind, name, min_severity, rules, quiet_hours, enabled, address: addressIn(body, kind)! }
    const done = await applyChange<AlertChannelListed>(host, async () => {
      const change = changeOf(host, actor, 'alert_channel_changed', id, null, told({ ...given, target: targetOf(kind, given.address) }))
      const made = await host.alertChannels.create(actor.team_id, id, given, change)
      if (made === 'full') throw fault('invalid', 'this team has as many channels as it may have: delete one first')
      if (made === 'other')
        throw fault('idempotency_key_reused', 'this Idempotency-Key was used for another channel, or the channel was changed since')
      const value = known(await host.alertChannels.get(actor.team_id, id), id)
      return { again: false, value, change: made === 'written' ? change : null }
    })
    return answer(201, { ...shown(host, done.value), run_id: done.run_id })
  }
})

/** `PATCH /alert-channels/{id}`. */
export const changeAlertChannel = route({
  id: 'changeAlertChannel',
  method: 'PATCH',
  path: '/alert-channels/:id',
  access: ['admin'],
  title: 'Change a channel of alerts',
  about: 'What is not named stays. Receipted as `alert_channel_changed`: `run_id` names the receipt, and is null where nothing changed.',
  tag: 'alerts',
  params: AlertPath,
  body: ChannelPatch,
  answers: { 200: { title: 'The channel as it is now', schema: ChannelChanged } },
  async handle({ host, actor, params: { id }, body }) {
    requireRules(host, actor, body.rules)
    const done = await applyChange<AlertChannelListed>(host, async () => {
      const before = known(await host.alertChannels.get(actor.team_id, id), id)
      const address = addressIn(body, before.kind)
      const { channel: _channel, to: _to, routing_key: _key, ...named } = body
      const given = { ...defined(named), ...(address === undefined ? {} : { address }) }
      const after = { ...before, ...defined(named), ...(address === undefined ? {} : { target: targetOf(before.kind, address) }) }
      const isSecret = address !== undefined && ALERT_CHANNELS[before.kind].address === 'routing_key'
      if (!isSecret && JSON.stringify(told(before)) === JSON.stringify(told(after))) return { again: false, value: before, change: null }
      const change = changeOf(host, actor, 'alert_channel_changed', id, told(before), {
        ...told(after),
        ...(isSecret ? { rotated: true } : {})
      })
      if ((await host.alertChannels.change(actor.team_id, before, given, change)) === 'moved_on') return { again: true }
      return { again: false, value: known(await host.alertChannels.get(actor.team_id, id), id), change }
    })
    return answer(200, { ...shown(host, done.value), run_id: done.run_id })
  }
})

/** `DELETE /alert-channels/{id}`. */
export const deleteAlertChannel = route({
  id: 'deleteAlertChannel',
  method: 'DELETE',
  path: '/alert-channels/:id',
  access: ['admin'],
  title: 'Delete a channel of alerts',
  about: 'What is still on its way to it is given up.',
  tag: 'alerts',
  params: AlertPath,
  answers: { 204: { title: 'It is gone' } },
  async handle({ host, actor, params: { id } }) {
    await applyChange<null>(host, async () => {
      const before = known(await host.alertChannels.get(actor.team_id, id), id)
      const change = changeOf(host, actor, 'alert_channel_changed', id, told(before), null)
      if ((await host.alertChannels.remove(actor.team_id, before, change)) === 'moved_on') return { again: true }
      return { again: false, value: null, change }
    })
    return answer(204)
  }
})

/** `POST /alert-channels/{id}/test`. */
export const testAlertChannel = route({
  id: 'testAlertChannel',
  method: 'POST',
  path: '/alert-channels/:id/test',
  access: ['admin'],
  title: 'Send a test through a channel',
  about: 'At once, quiet hours or not, and also where it is switched off. `said` is what the vendor said.',
  tag: 'alerts',
  params: AlertPath,
  body: NothingMore,
  answers: { 200: { title: 'What became of it', schema: ChannelTested } },
  async handle({ host, actor, params: { id } }) {
    const delivery = await host.alertChannels.test(actor.team_id, id)
    if (delivery === null) throw fault('not_found', `there is no channel \`${id}\``)
    const newest = delivery.attempts.at(-1)
    const said = newest === undefined ? null : (newest.error ?? (newest.status === null ? null : `taken (${newest.status})`))
    return answer(200, { ...delivery, said })
  }
})

type Addresses = Pick<z.output<typeof ChannelPatch>, 'channel' | 'to' | 'routing_key'>

/** The address in the body, under the name that this kind's has. Throws fault `invalid` for one of another kind. */
function addressIn(body: object, kind: AlertChannelKind): string | undefined {
  const given = body as Addresses
  const { address: own } = ALERT_CHANNELS[kind]
  for (const name of ['channel', 'to', 'routing_key'] as const)
    if (name !== own && given[name] !== undefined) throw wrong(`/${name}`, `is none of a ${kind} channel’s: that is \`${own}\``)
  const address = given[own]
  if (address !== undefined && own === 'to' && address.includes('@') !== (kind === 'mail'))
    throw wrong('/to', kind === 'mail' ? 'must be an e-mail address' : 'must be a number in E.164, like `+4915112345678`')
  return address
}

function requireRules(host: Host, { team_id }: Actor, rules: readonly string[] | undefined): void {
  const known = host.alertRules(team_id).map(({ id }) => id)
  const at = rules?.findIndex((rule) => !known.includes(rule)) ?? -1
  if (at >= 0) throw wrong(`/rules/${at}`, `is no alert rule of this team: they are ${known.map((id) => `\`${id}\``).join(', ')}`)
}

function targetOf(kind: AlertChannelKind, address: string): string {
  return ALERT_CHANNELS[kind].address === 'routing_key' ? '' : address
}

/** What a receipt says of a channel. */
function told({
  kind,
  name,
  target,
  min_severity,
  rules,
  quiet_hours,
  enabled
}: Omit<AlertChannelListed, 'id' | 'created_at' | 'last_delivery'>) {
  return { kind, name, target, min_severity, rules: [...rules], quiet_hours: quiet_hours as Json, enabled }
}

function shown(host: Host, channel: AlertChannelListed) {
  return { ...channel, problem: host.alertChannels.problem(channel.kind) }
}

function defined<T extends object>(given: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as never
}

function known(channel: AlertChannelListed | null, id: string): AlertChannelListed {
  if (channel === null) throw fault('not_found', `there is no channel \`${id}\``)
  return channel
}

function wrong(pointer: string, detail: string) {
  return fault('invalid', `\`${pointer}\` ${detail}`, { errors: [{ pointer, detail }] })
}
