// How a GitHub action is written: what it does in one repository, and how to see afterwards whether it did it.
import type * as z from 'zod'
import { actionsOf, type ActionResult, type MutatingAction, type ReadingAction, type Recovered } from '../../engine/connector.ts'
import type { Inverse, JsonObject } from '../../engine/schema.ts'
import type { GitHubClient } from './client.ts'
import { lookUp, onRepository, type Repository } from './repository.ts'

const action = actionsOf<GitHubClient>()

interface Text<I extends z.ZodObject, O extends JsonObject> {
  readonly title: string
  readonly input: I
  resources(input: z.output<I>): readonly string[]
  act(repository: Repository, input: z.output<I>): Promise<ActionResult<O>>
}

interface WritingText<I extends z.ZodObject, O extends JsonObject> extends Text<I, O> {
  /** Whether the effect of this call is there. It only reads; GitHub honours no idempotency keys. */
  look(repository: Repository, input: z.output<I>): Promise<Recovered<O>>
  readonly inverse: (input: z.output<I>, output: O) => Inverse | null
  readonly internal?: boolean
}

/** An action that changes nothing. */
export function reading<I extends z.ZodObject, O extends JsonObject>(text: Text<I, O>): ReadingAction<GitHubClient, I, O> {
  const { title, input, resources, act } = text
  return action<I, O>({
    title,
    input,
    mutates: false,
    resources,
    run: (client, given, call) => onRepository(client, repoOf(given), call, (repository) => act(repository, given))
  })
}

/** An action with exactly one request that changes something; after a crash or a lost answer `look` decides. */
export function writing<I extends z.ZodObject, O extends JsonObject>(text: WritingText<I, O>): MutatingAction<GitHubClient, I, O> {
  const { title, input, resources, act, look, inverse, internal = false } = text
  return action<I, O>({
    title,
    input,
    mutates: true,
    internal,
    resources,
    inverse,
    timeoutMs: 30_000,
    run: (client, given, call) => onRepository(client, repoOf(given), call, (repository) => act(repository, given)),
    recovery: (client, given, call) => lookUp(client, repoOf(given), call, (repository) => look(repository, given))
  })
}

function repoOf(input: object): string {
  return (input as { repo: string }).repo
}
