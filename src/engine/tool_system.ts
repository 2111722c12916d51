// The system `agent`: what coding agents and frameworks do with their own tools. Enact judges it and writes it down; it never runs it.
import * as z from 'zod'
import { type AnyAction, failed, type System } from './connector.ts'

/** Every key that policies may read of a tool call. Types stay open: a value of the wrong type is for policies to refuse. */
const Input = z.looseObject(
  Object.fromEntries(
    (
      'tool tool_input command cwd path paths destination act content diff url urls method grep_pattern glob_pattern sql args to cc bcc channel subject branch base ' +
      'action hitl_id table where credential_purpose resource_target commit_message files file_count email data'
    )
      .split(' ')
      .map((key) => [key, z.unknown().optional()])
  )
)

const TITLES: Readonly<Record<string, readonly [title: string, mutates: boolean]>> = {
  shell: ['Run a shell command', true],
  read_file: ['Read a file', false],
  write_file: ['Write a file', true],
  edit_file: ['Change a file', true],
  delete_file: ['Delete a file', true],
  glob: ['List files', false],
  grep: ['Search in files', false],
  fetch_url: ['Fetch an address', false],
  mcp: ['Call a tool of an MCP server', true],
  tool: ['Call a tool', true]
}

/** The actions of the system; a tool call is one of them (`toolAction`). */
export const TOOL_ACTIONS: readonly string[] = Object.keys(TITLES).map((name) => `agent.${name}`)

/** The system `agent`, so that policies can be bound to tool calls. Mediated runs that call it fail: only the agent itself can. */
export function toolSystem(): System {
  const refuse = () => Promise.resolve(failed('observed_only', 'a tool of an agent is run by the agent: send it to `POST /decisions`'))
  const actions = Object.fromEntries(
    Object.entries(TITLES).map(([name, [title, mutates]]): [string, AnyAction] => {
      const common = { title, input: Input, resources: () => [], run: refuse }
      return [name, mutates ? { ...common, mutates: true, inverse: 'irreversible', recovery: 'opaque' } : { ...common, mutates: false }]
    })
  )
  return {
    id: 'agent',
    title: 'Tools of agents',
    actions,
    isObserved: true,
    allowed: null,
    missing: null,
    scope: {},
    connect: () => Promise.resolve({ client: null })
  }
}
