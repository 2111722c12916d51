// Channels on a terminal: who is told, and whether it arrives.
import * as z from 'zod'
import type { Context } from '../context.ts'
import { exitAfterAnswer } from '../exit.ts'
import { callerOf } from '../installation.ts'
import { listed, shaped } from '../pages.ts'
import { table, visible } from '../print.ts'
import { lastOf } from './told.ts'
import { Channel, Delivery, idOf, type Options } from './wire.ts'

const Tested = Delivery.extend({ said: z.string().nullable() })

export async function listChannels(options: Options, context: Context): Promise<void> {
  const channels = await listed(callerOf(options, context), '/alert-channels', Channel)
  if (options.json) return context.json(channels)
  if (channels.length === 0) return void context.out('no channels: nobody is told')
  context.out(
    table([
      ['CHANNEL', 'KIND', 'TARGET', 'FROM', 'RULES', 'STATE', 'LAST DELIVERY'],
      ...channels.map(({ id, kind, target, min_severity, rules, enabled, problem, last_delivery }) => [
        id,
        kind,
        target || '–',
        min_severity,
        rules.length === 0 ? 'all' : rules.join(' '),
        enabled ? (problem ?? 'on') : 'off',
        last_delivery === null ? '–' : `${last_delivery.status} ${last_delivery.at}`
      ])
    ])
  )
}

/** Exit code 1 where it did not arrive. */
export async function testChannel(id: string, options: Options, context: Context): Promise<void> {
  const path = `/alert-channels/${idOf(id, 'a channel', 'enact alerts channels')}/test`
  const tested = shaped(Tested, await callerOf(options, context)({ method: 'POST', path, body: {} }))
  const says = tested.said ?? lastOf(tested)
  if (options.json) context.json(tested)
  else context.out(`${visible(tested.status)}  ${visible(tested.to)}: ${visible(says)}`)
  if (tested.status !== 'DELIVERED') throw exitAfterAnswer('unexpected', 'the test did not arrive')
}
