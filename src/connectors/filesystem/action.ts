// How an action on files is written: what to look at first, the one effect that may be left, and how to see afterwards whether it was made.
import type * as z from 'zod'
import {
  actionsOf,
  conflict,
  done,
  failed,
  type ActionResult,
  type CallContext,
  type Inverse,
  type Json,
  type JsonObject,
  type MutatingAction,
  type Recovered
} from '../../engine/index.ts'
import { fileResource, segmentsOf } from './path.ts'
import { FileFailure, type FileStore, type Seen } from './store.ts'

/** What actions are given. */
export interface FilesClient {
  readonly store: FileStore
  /** Folders that may be touched; null = the whole base. */
  readonly folders: readonly string[] | null
  /** Larger files are neither replaced nor deleted, since they could not be put back. */
  readonly max_bytes: number
}

export const action = actionsOf<FilesClient>()

/** One call while it works. */
export interface Work {
  readonly store: FileStore
  readonly max_bytes: number
  readonly call: CallContext
  /** What this call and its earlier attempts wrote into the journal, the newest value of each key. */
  noted(): { readonly [key: string]: Json | undefined }
  /** Writes the note, then makes the one effect: without a clear answer it is unknown. */
  effect(note: JsonObject, make: () => Promise<void>): Promise<void>
}

/** The answer already, or what is left to do and what it will have made of the file. */
export type Planned<O extends JsonObject> =
  | ActionResult<O>
  | { readonly kind: 'effect'; readonly will: JsonObject; make(): Promise<ActionResult<O>> }

interface WritingText<I extends z.ZodObject, O extends JsonObject> {
  readonly title: string
  readonly input: I
  readonly internal?: boolean
  /** Changes nothing. */
  plan(work: Work, input: z.output<I>): Promise<Planned<O>>
  /** Whether the effect of this call is there. It only reads. */
  look(work: Work, input: z.output<I>): Promise<Recovered<O>>
  readonly inverse: 'irreversible' | ((input: z.output<I>, output: O) => Inverse | null)
}

/** An action with exactly one effect on one file. */
export function writing<I extends z.ZodObject, O extends JsonObject>(text: WritingText<I, O>): MutatingAction<FilesClient, I, O> {
  const { title, input, internal = false, plan, look, inverse } = text
  return action<I, O>({
    title,
    input,
    mutates: true,
    internal,
    resources: (given) => [fileResource(pathOf(given))],
    inverse,
    timeoutMs: TIMEOUT_MS,
    run: (client, given, call) =>
      onFiles(client, pathOf(given), call, async (work) => {
        const planned = await plan(work, given)
        return planned.kind === 'effect' ? planned.make() : planned
      }),
    preview: (client, given, call) =>
      onFiles<JsonObject>(client, pathOf(given), call, async (work) => {
        const planned = await plan(work, given)
        return planned.kind === 'effect' ? done(planned.will) : planned
      }),
    recovery: async (client, given, call) => {
      if (!isAllowed(client, pathOf(given))) return { kind: 'unknown' }
      try {
        return await inTime(client, call, async (work) => {
          const seen = await look(work, given)
          // An effect without an answer may still be on its way: not there yet does not mean never.
          return seen.kind === 'not_done' && work.noted()['unanswered'] === true ? { kind: 'unknown' } : seen
        })
      } catch (error) {
        if (!(error instanceof FileFailure)) throw error
        return { kind: 'unknown' }
      }
    }
  })
}

/** Large files are copied before they are replaced. */
export const TIMEOUT_MS = 60_000
// The connector gives up first: then its answer says what is known.
const SHARE_OF_TIME = 0.9

/** Runs `act` under the allow list and the call's deadline. Never throws for what a store does. */
export async function onFiles<O extends JsonObject>(
  client: FilesClient,
  path: string,
  call: CallContext,
  act: (work: Work) => Promise<ActionResult<O>>
): Promise<ActionResult<O>> {
  if (!isAllowed(client, path)) return failed('path_not_allowed', `\`${path}\` is in no folder of the allow list`)
  try {
    return await inTime(client, call, act)
  } catch (error) {
    if (!(error instanceof FileFailure)) throw error
    if (error.code === 'moved') return conflict(error.message)
    if (error.effect === 'unknown' && !error.isLastWord) await call.note({ unanswered: true })
    return failed(error.code, error.message, error.effect)
  }
}

function isAllowed({ folders }: FilesClient, path: string): boolean {
  if (folders === null) return true
  const segments = segmentsOf(path)
  return folders.some((folder) => segmentsOf(folder).every((segment, at) => segments[at] === segment))
}

async function inTime<T>({ store, max_bytes }: FilesClient, call: CallContext, act: (work: Work) => Promise<T>): Promise<T> {
  let isOver = false
  let isActing = false
  const tooLate = () => new FileFailure('timed_out', 'the files did not answer in time', isActing ? 'unknown' : 'none', !isActing)
  const work: Work = {
    store,
    max_bytes,
    call,
    noted: () => Object.assign({}, ...call.notes),
    async effect(note, make) {
      await call.note(note)
      // INVARIANT: a call that was given up as having done nothing does nothing any more.
      if (isOver) throw tooLate()
      isActing = true
      try {
        await make()
      } finally {
        isActing = false
      }
    }
  }
  const deadline = AbortSignal.timeout(Math.max(1, Math.floor(call.timeoutMs * SHARE_OF_TIME)))
  const over = new Promise<never>((_, reject) =>
    deadline.addEventListener('abort', () => {
      isOver = true
      reject(tooLate())
    })
  )
  over.catch(() => undefined)
  const acting = act(work)
  acting.catch(() => undefined)
  return Promise.race([acting, over])
}

function pathOf(input: object): string {
  return (input as { path: string }).path
}

/** A file's state in outputs, expectations and notes. */
export type Image = { sha256: string; size_bytes: number; mode: string; attributes?: JsonObject }

/** What is seen as an image that can be put back. Throws `too_large` for what nobody hashes. */
export function imageOf(path: string, seen: Seen | null, maxBytes: number): Image | null {
  if (seen === null) return null
  const { sha256, size_bytes, mode, attributes } = seen
  if (sha256 === null)
    throw new FileFailure(
      'too_large',
      `\`${path}\` has ${size_bytes} bytes: it could not be put back, since no more than ${maxBytes} are kept`
    )
  return { sha256, size_bytes, mode, ...(attributes ? { attributes } : {}) }
}

/** Whether a file is as it is said to be: content and mode. */
export function isAs(seen: Pick<Seen, 'sha256' | 'mode'> | null, image: { sha256: string | null; mode?: string | null } | null): boolean {
  if (image === null || image.sha256 === null) return seen === null
  return seen !== null && seen.sha256 === image.sha256 && (image.mode ?? seen.mode) === seen.mode
}
