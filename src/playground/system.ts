// The playground's own connector of a scene: one action with the keys that policies read. It is judged and never carried out.
import * as z from 'zod'
import { actionsOf, defineConnector, failed, type AnyAction, type System } from '../engine/index.ts'
import { catalogue } from '../policies/index.ts'
import type { Scene } from '../ui/playground/protocol.ts'

const Text = z.string().optional()
const KINDS = { line: Text, lines: Text, list: z.array(z.string()).optional(), number: z.number().optional(), json: z.never() } as const

/** Every key that some policy reads: a payload of one's own may have any of them, of any type. */
const ReadKeys = [...new Set([...catalogue.values()].flatMap(({ definition }) => Object.keys(definition.readsSchema.shape)))]
const AnyPayload = z.looseObject(Object.fromEntries(ReadKeys.map((key) => [key, z.json().optional()])))

/** The system that the scene asks. */
export function systemOf({ system, title, action, fields }: Scene): System {
  const input = fields.some(({ kind }) => kind === 'json')
    ? AnyPayload
    : z.strictObject(Object.fromEntries(fields.map(({ name, kind }) => [name, KINDS[kind]])))
  const connector = defineConnector({
    id: system,
    title,
    options: z.strictObject({}),
    scope: () => ({}),
    connect: () => ({ client: null }),
    actions: {
      [action]: actionsOf<null>()({
        title,
        input: input as z.ZodObject,
        mutates: true,
        inverse: 'irreversible',
        recovery: 'opaque',
        resources: () => [],
        run: async () => failed('not_here', 'the playground judges; it does not act')
      })
    } as Record<string, AnyAction>
  })
  return connector({})
}
