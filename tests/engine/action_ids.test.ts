// Which system's action a bare name is.
import { expect, it } from 'vitest'
import * as z from 'zod'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { allow, definePolicy, install, type System, toolSystem } from '../../src/engine/index.ts'
import { newShelf, shelfConnector } from './toy.ts'

const everything = definePolicy({ id: 'everything', title: '', params: z.strictObject({}), reads: z.object({}), evaluate: () => allow('') })
const shelf = shelfConnector({ shelf: newShelf() })
/** The toy's system under another name, with an action called as agents call one of their tools. */
const files = (id: string): System => ({ ...shelf, id, actions: { write_file: shelf.actions.put! } })
const start = (connectors: System[], actions: string[]) =>
  install({ connectors, policies: [everything()], workflows: [], actions }, nodeHash)

it('a bare name that Enact and agents both have is what Enact does; the agent’s own keeps the name of its system', () => {
  const { actions } = start([files('disk'), toolSystem()], ['disk.write_file', 'agent.write_file', 'agent.shell'])
  expect([...actions].map(([spelling, { system, id }]) => [spelling, system.id, id])).toEqual([
    ['write_file', 'disk', 'write_file'],
    ['disk.write_file', 'disk', 'write_file'],
    ['agent.write_file', 'agent', 'agent.write_file'],
    ['shell', 'agent', 'shell'],
    ['agent.shell', 'agent', 'shell']
  ])
})

it('listing the bare name lists what Enact does, and not what agents do', () => {
  const { actions } = start([files('disk'), toolSystem()], ['write_file'])
  expect(actions.get('write_file')?.system.id).toBe('disk')
  expect(actions.has('agent.write_file')).toBe(false)
})

it('a bare name of two systems that Enact acts in is nobody’s', () => {
  expect(() => start([files('disk'), files('bucket'), toolSystem()], ['write_file'])).toThrow(
    /ambiguous: write `disk.write_file` or `bucket/
  )
  const { actions } = start([files('disk'), files('bucket')], ['disk.write_file', 'bucket.write_file'])
  expect([...actions.keys()]).toEqual(['disk.write_file', 'bucket.write_file'])
})
