// The workflows and actions of a team as MCP tools.
import * as z from 'zod'
import type { AnyAction, Installation, JsonObject } from '../../engine/index.ts'

/** A tool as clients see it. */
export interface ToolShown {
  readonly name: string
  readonly title?: string
  readonly description: string
  readonly inputSchema: JsonObject
  readonly annotations?: JsonObject
}

/** What a team may run: its workflows, and the actions that may be asked for alone. Tools of agents are not among them: only agents can run those. */
export function runTools(installation: Installation): ToolShown[] {
  const workflows = [...installation.workflows.values()]
    .filter(({ uses }) => Object.keys(uses).every((system) => installation.systems.get(system)?.missing === null))
    .map(({ id, title, payload }) => shown(id, title, payload, {}))
  const actions = [...new Set(installation.actions.values())]
    .filter(({ system }) => system.id !== 'agent' && system.missing === null)
    .filter(({ name, system: { allowed } }) => allowed === null || allowed.has(name))
    .map(({ id, action, system }) => shown(id, `${action.title} (${system.title})`, action.input, hintsOf(action)))
  return [...workflows, ...actions]
}

function shown(name: string, title: string, schema: z.ZodObject, annotations: JsonObject): ToolShown {
  return {
    name,
    title,
    description: `${title}. Judged by policies first; receipted.`,
    inputSchema: z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonObject,
    annotations
  }
}

function hintsOf(action: AnyAction): JsonObject {
  return action.mutates ? { readOnlyHint: false, destructiveHint: action.inverse === 'irreversible' } : { readOnlyHint: true }
}
