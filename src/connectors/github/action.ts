// How a GitHub action is written: what to read first, the one effect that may be left, and how to see afterwards whether it was made.
import type * as z from 'zod'
import {
  actionsOf,
  done,
  type ActionResult,
  type Inverse,
  type JsonObject,
  type MutatingAction,
  type ReadingAction,
  type Recovered
} from '../../engine/index.ts'
import type { GitHubClient } from './client.ts'
import { lookUp, onRepository, type Repository } from './repository.ts'

const action = actionsOf<GitHubClient>()

/** The answer already, or the effect that is left to make. */
export type Planned<O extends JsonObject> = ActionResult<O> | (() => Promise<ActionResult<O>>)

interface Text<I extends z.ZodObject> {
  readonly title: string
  readonly input: I
  resources(input: z.output<I>): readonly string[]
}

interface ReadingText<I extends z.ZodObject, O extends JsonObject> extends Text<I> {
  read(repository: Repository, input: z.output<I>): Promise<ActionResult<O>>
}

interface WritingText<I extends z.ZodObject, O extends JsonObject> extends Text<I> {
  /** Changes nothing, so a dry run can ask it too. */
  plan(repository: Repository, input: z.output<I>): Promise<Planned<O>>
  /** Whether the effect of this call is there. It only reads; GitHub honours no idempotency keys. */
  look(repository: Repository, input: z.output<I>): Promise<Recovered<O>>
  readonly inverse: (input: z.output<I>, output: O) => Inverse | null
  readonly internal?: boolean
}

/** An action that changes nothing. */
export function reading<I extends z.ZodObject, O extends JsonObject>(text: ReadingText<I, O>): ReadingAction<GitHubClient, I, O> {
  const { title, input, resources, read } = text
  return action<I, O>({
    title,
    input,
    mutates: false,
    resources,
    run: (client, given, call) => onRepository(client, repoOf(given), call, (repository) => read(repository, given))
  })
}

/** An action with exactly one request that changes something; after a crash or a lost answer `look` decides. */
export function writing<I extends z.ZodObject, O extends JsonObject>(text: WritingText<I, O>): MutatingAction<GitHubClient, I, O> {
  const { title, input, resources, plan, look, inverse, internal = false } = text
  return action<I, O>({
    title,
    input,
    mutates: true,
    internal,
    resources,
    inverse,
    timeoutMs: 30_000,
    run: (client, given, call) =>
      onRepository(client, repoOf(given), call, async (repository) => {
        const planned = await plan(repository, given)
        return typeof planned === 'function' ? planned() : planned
      }),
    preview: (client, given, call) =>
      onRepository<JsonObject>(client, repoOf(given), call, async (repository) => {
        const planned = await plan(repository, given)
        return typeof planned === 'function' ? done({}) : planned
      }),
    recovery: (client, given, call) => lookUp(client, repoOf(given), call, (repository) => look(repository, given))
  })
}

function repoOf(input: object): string {
  return (input as { repo: string }).repo
}
