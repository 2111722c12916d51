// The suite that every connector passes: what is promised of a write is promised of all of them.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ActionResult, AnyAction, CallContext, Recovered, System } from '../../src/engine/connector.ts'
import type { Inverse, JsonObject } from '../../src/engine/schema.ts'

/** What can happen to the one request (or statement) that makes an action's effect. */
export type Trouble = 'refused' | 'lost' | 'silent' | 'rate_limited'

/** A connector with its real counterpart or its fake, fresh for each test. */
export interface Subject {
  readonly system: System
  /** The visible world, comparable with toEqual. */
  snapshot(): unknown
  /** How many changes the world has seen. */
  effects(): number | Promise<number>
  /** The next effect of `action` is refused by the vendor's failure, done but its answer lost, never answered, or rate limited for 7 s. */
  trouble(action: string, kind: Trouble): void | Promise<void>
  /** Also throws where the vendor would have refused a request. */
  close(): Promise<void>
}

/** One mutating action: how to call it, what must not be accepted, and what somebody else might do before the undo. */
export interface Case<S extends Subject> {
  readonly action: string
  /** Prepares what the call needs, and gives its input. */
  input(subject: S): JsonObject | Promise<JsonObject>
  /** Inputs that differ from a good one in these keys and are refused by the schema. */
  readonly bad: readonly JsonObject[]
  /** Changes what the call made; absent where nobody can get in the way of its undo. */
  move?(subject: S, output: JsonObject): unknown
  /** Said by the action itself too: nothing takes it back. */
  readonly irreversible?: true
  /** Its effect can neither be looked up nor be sent twice under one key. */
  readonly opaque?: true
}

export interface Contract<S extends Subject> {
  readonly name: string
  /** Credentials that must appear nowhere. */
  readonly secrets: readonly string[]
  /** With `nothing`, the connector's own allow list is empty. */
  start(allow: 'everything' | 'nothing'): Promise<S>
  readonly troubles: readonly Trouble[]
  readonly cases: readonly Case<S>[]
}

const KEY = '0198c0de-0000-7000-8000-000000000001/0'

/** A call as the recorder makes it; notes land in memory. */
export function newCall(more: Partial<CallContext> = {}): CallContext & { notes: JsonObject[] } {
  const notes: JsonObject[] = [...(more.notes ?? [])]
  return { idempotencyKey: KEY, expect: null, timeoutMs: 5_000, note: async (data) => void notes.push(data), ...more, notes }
}

/** Runs one action of a system as the recorder would: input through the schema, then `run`. */
export async function runAction(system: System, name: string, input: JsonObject, call: CallContext = newCall()): Promise<ActionResult> {
  const action = system.actions[name]!
  const { client } = await system.connect()
  return (await action.run(client as never, action.input.parse(input) as never, call)) as ActionResult
}

/** Asks what became of a call whose answer was lost. */
export async function recoverAction(system: System, name: string, input: JsonObject, call: CallContext): Promise<Recovered<JsonObject>> {
  const action = writing(system, name)
  if (typeof action.recovery !== 'function') throw new Error(`${name} cannot be looked up`)
  const { client } = await system.connect()
  return (await action.recovery(client as never, action.input.parse(input) as never, call)) as Recovered<JsonObject>
}

/** The recorded inverse of a call that was done. */
export function inverseOf(system: System, name: string, input: JsonObject, output: JsonObject): Inverse {
  const { inverse } = writing(system, name)
  const made = inverse === 'irreversible' ? null : (inverse(input as never, output as never) as Inverse | null)
  if (made === null) throw new Error(`${name} has no inverse`)
  return made
}

/** Takes a call back as a rollback does. */
export function undo(system: System, { action, input, expect: expected }: Inverse): Promise<ActionResult> {
  return runAction(system, action, input, newCall({ idempotencyKey: `${KEY}-undo`, expect: expected }))
}

/** The output of a call that must have succeeded. */
export function outputOf(result: ActionResult): JsonObject {
  if (result.kind !== 'done') throw new Error(`expected done, got ${JSON.stringify(result)}`)
  return result.output
}

/** Declares the suite for one connector. */
export function connectorContract<S extends Subject>(contract: Contract<S>): void {
  describe(`${contract.name} keeps the connector's contract`, () => {
    let subject: S
    beforeEach(async () => void (subject = await contract.start('everything')))
    afterEach(() => subject.close())

    test('every write that an agent can call is in this suite', () => {
      const writes = Object.entries(subject.system.actions).filter(([, action]) => action.mutates && !action.internal)
      expect(contract.cases.map((each) => each.action).sort()).toEqual(writes.map(([name]) => name).sort())
    })

    test('nothing that may be shown holds a credential', () => {
      expectNoSecret(contract.secrets, subject.system.scope)
    })

    describe.each(contract.cases)('$action', (each) => {
      const name = each.action
      declareInput(contract, each, () => subject)
      declareEffects(contract, each, () => subject)
      if (contract.troubles.length > 0) declareTroubles(contract, each, () => subject)

      test('an empty allow list allows nothing, and nothing is asked of the vendor', async () => {
        const input = await each.input(subject)
        const strict = await contract.start('nothing')
        try {
          const result = await runAction(strict.system, name, input)
          expect(result).toMatchObject({ kind: 'failed', effect: 'none' })
          expect(await strict.effects()).toBe(0)
        } finally {
          await strict.close()
        }
      })
    })
  })
}

/** What an action does not promise is no test of it, and none that was skipped. */
function testIf(isPromised: boolean): (name: string, body: () => Promise<void>) => void {
  return isPromised ? (name, body) => test(name, body) : () => undefined
}

function declareInput<S extends Subject>(contract: Contract<S>, each: Case<S>, subject: () => S): void {
  test('unknown keys and bad values are refused before anything is asked', async () => {
    const { system } = subject()
    const { input: schema } = system.actions[each.action]!
    const good = await each.input(subject())
    expect(schema.safeParse(good).success).toBe(true)
    expect(schema.safeParse({ ...good, surprise: 1 }).success).toBe(false)
    for (const bad of each.bad) expect.soft(schema.safeParse({ ...good, ...bad }).success, JSON.stringify(bad)).toBe(false)
  })

  test('what it touches is named under the system, as paths', async () => {
    const { system } = subject()
    const action = system.actions[each.action]!
    const resources = action.resources(action.input.parse(await each.input(subject())))
    expect(resources.length).toBeGreaterThan(0)
    for (const resource of resources) expect(resource).toMatch(new RegExp(`^${system.id}(/[^/\\s]+)+$`))
  })
}

function declareEffects<S extends Subject>(contract: Contract<S>, each: Case<S>, subject: () => S): void {
  const name = each.action

  test('twice under one key has one effect, and the second answer says already_done', async () => {
    const { system } = subject()
    const input = await each.input(subject())
    const before = await subject().effects()
    const first = newCall()
    outputOf(await runAction(system, name, input, first))
    // As after a crash: what the first attempt noted is known to the second.
    expect(await runAction(system, name, input, newCall({ notes: first.notes }))).toMatchObject({ kind: 'already' })
    expect(await subject().effects()).toBe(before + 1)
  })

  test('what cannot be undone says so before it is done', async () => {
    const { inverse } = writing(subject().system, name)
    expect(inverse === 'irreversible').toBe(each.irreversible === true)
  })

  const undoable = testIf(each.irreversible !== true)

  undoable('do, then undo, restores the world; a second undo finds nothing to do', async () => {
    const { system } = subject()
    const input = await each.input(subject())
    const before = await subject().snapshot()
    const inverse = inverseOf(system, name, input, outputOf(await runAction(system, name, input)))
    expect(await subject().snapshot()).not.toEqual(before)
    expect((await undo(system, inverse)).kind).toBe('done')
    expect(await subject().snapshot()).toEqual(before)
    expect((await undo(system, inverse)).kind).toBe('already')
  })

  undoable('the inverse is plain data that its own action accepts', async () => {
    const { system } = subject()
    const input = await each.input(subject())
    const inverse = inverseOf(system, name, input, outputOf(await runAction(system, name, input)))
    expect(JSON.parse(JSON.stringify(inverse))).toEqual(inverse)
    expect(system.actions[inverse.action]!.input.safeParse(inverse.input).success).toBe(true)
  })

  testIf(each.move !== undefined)('an undo refuses a world that has moved on, and leaves it alone', async () => {
    const { system } = subject()
    const input = await each.input(subject())
    const output = outputOf(await runAction(system, name, input))
    await each.move!(subject(), output)
    const moved = await subject().snapshot()
    expect((await undo(system, inverseOf(system, name, input, output))).kind).toBe('conflict')
    expect(await subject().snapshot()).toEqual(moved)
  })
}

function declareTroubles<S extends Subject>(contract: Contract<S>, each: Case<S>, subject: () => S): void {
  const name = each.action
  const meet = async (kind: Trouble, timeoutMs = 5_000) => {
    const input = await each.input(subject())
    const before = await subject().snapshot()
    await subject().trouble(name, kind)
    const call = newCall({ timeoutMs })
    const result = await runAction(subject().system, name, input, call)
    expectNoSecret(contract.secrets, { result, notes: call.notes })
    return { input, before, call, result }
  }
  // What is never looked up and never sent again has suites of its own for what becomes of it.
  const isOpaque = each.opaque === true
  const can = (kind: Trouble) => testIf(contract.troubles.includes(kind) && (!isOpaque || kind === 'rate_limited'))
  const opaque = (kind: Trouble) => testIf(contract.troubles.includes(kind) && isOpaque)

  opaque('refused')('a vendor that fails without saying what it did leaves the effect unknown, and nothing is sent again', async () => {
    const { input, call, result } = await meet('refused')
    expect(result).toMatchObject({ kind: 'failed', effect: 'unknown' })
    expect(writing(subject().system, name).recovery).toBe('opaque')
    const after = await subject().effects()
    expect(await runAction(subject().system, name, input, newCall({ notes: call.notes }))).not.toMatchObject({ kind: 'done' })
    expect(await subject().effects()).toBe(after)
  })

  opaque('lost')('an answer that was lost leaves the effect unknown, and nothing is sent again', async () => {
    const { input, call, result } = await meet('lost')
    expect(result).toMatchObject({ kind: 'failed', effect: 'unknown' })
    const after = await subject().effects()
    expect(await runAction(subject().system, name, input, newCall({ notes: call.notes }))).not.toMatchObject({ kind: 'done' })
    expect(await subject().effects()).toBe(after)
  })

  opaque('silent')('a vendor that never answers ends before the time is up, as unknown', async () => {
    expect((await meet('silent', 400)).result).toMatchObject({ kind: 'failed', code: 'timed_out', effect: 'unknown' })
  })

  can('refused')('a failing vendor is a result, and looking afterwards says that nothing happened', async () => {
    const { input, before, call, result } = await meet('refused')
    expect(result).toMatchObject({ kind: 'failed', effect: 'unknown' })
    expect(await subject().snapshot()).toEqual(before)
    expect(await recoverAction(subject().system, name, input, call)).toEqual({ kind: 'not_done' })
    outputOf(await runAction(subject().system, name, input, newCall({ notes: call.notes })))
  })

  can('lost')('an effect whose answer was lost is found again, with an output that can undo it where anything can', async () => {
    const { input, before, call, result } = await meet('lost')
    expect(result).toMatchObject({ kind: 'failed', effect: 'unknown' })
    const seen = await recoverAction(subject().system, name, input, call)
    expect(seen.kind).toBe('done')
    if (each.irreversible === true) return
    const inverse = inverseOf(subject().system, name, input, seen.kind === 'done' ? seen.output : {})
    expect((await undo(subject().system, inverse)).kind).toBe('done')
    expect(await subject().snapshot()).toEqual(before)
  })

  can('silent')('a vendor that never answers ends before the time is up, as unknown and never as not done', async () => {
    const started = performance.now()
    const { input, call, result } = await meet('silent', 400)
    expect(performance.now() - started).toBeLessThan(5_000)
    expect(result).toMatchObject({ kind: 'failed', code: 'timed_out', effect: 'unknown' })
    // The request may still be on its way.
    expect(await recoverAction(subject().system, name, input, newCall({ notes: call.notes }))).toEqual({ kind: 'unknown' })
  })

  can('rate_limited')('a rate limit is a failure without effect that says how long to wait', async () => {
    const { before, result } = await meet('rate_limited')
    expect(result).toMatchObject({ kind: 'failed', code: 'rate_limited', effect: 'none', message: expect.stringContaining('7 s') })
    expect(await subject().snapshot()).toEqual(before)
  })
}

function expectNoSecret(secrets: readonly string[], shown: unknown): void {
  const text = JSON.stringify(shown)
  for (const secret of secrets) expect(text).not.toContain(secret)
}

function writing(system: System, name: string): AnyAction & { mutates: true } {
  const action = system.actions[name]
  if (!action?.mutates) throw new Error(`${name} is not a write`)
  return action
}
