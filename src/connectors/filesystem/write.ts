// write_file: a file's whole content, at once, with what was there before kept so that it can be put back.
import * as z from 'zod'
import { alreadyDone, conflict, done, failed, unbase64, type Json, type Recovered } from '../../engine/index.ts'
import { imageOf, isAs, writing, type Image, type Work } from './action.ts'
import { sha256Of } from './digest.ts'
import { FilePath } from './path.ts'
import type { Content } from './store.ts'

/** 64 hexadecimal digits, in lower case. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hex')
const Mode = z.string().regex(/^0?[0-7]{3}$/, 'must be octal permissions such as `0644`')

const Input = z
  .strictObject({
    path: FilePath,
    /** The text, kept to the letter: line ends, a byte order mark, a missing last newline. */
    content: z
      .string()
      .refine((text) => text.isWellFormed(), 'must be well-formed Unicode: send other bytes as `content_base64`')
      .optional(),
    /** Any bytes, in base64 (RFC 4648 §4, one spelling). Never shown in a receipt. */
    content_base64: z
      .string()
      .refine((text) => unbase64(text) !== null, 'must be base64 without line breaks')
      .optional(),
    /** Permissions; without it an existing file keeps its own, and a new one gets 0644. */
    mode: Mode.optional(),
    /** Only where nothing is there yet. */
    if_absent: z.literal(true).optional(),
    /** Only while the file has this content. */
    expect_sha256: Sha256.optional()
  })
  .refine((input) => (input.content === undefined) !== (input.content_base64 === undefined), {
    path: ['content'],
    message: 'give either `content` or `content_base64`'
  })
  .refine((input) => input.if_absent === undefined || input.expect_sha256 === undefined, {
    path: ['if_absent'],
    message: 'cannot be together with `expect_sha256`'
  })
type Input = z.output<typeof Input>

/** `before` is null for a file that is new; its bytes stand under their hash in the store, never here. */
export type Written = {
  path: string
  size_bytes: number
  sha256: string
  mode: string
  created: boolean
  before: Image | null
  created_folders: string[]
}

/** Writes a file at once and whole, making the folders it needs; the undo puts back what was there, if the file is still as it was written. */
export const write_file = writing({
  title: 'Write a file',
  input: Input,
  async plan(work, input) {
    const { path } = input
    const seen = await work.store.look(path)
    const content = contentOf(input, seen?.mode ?? null, seen?.attributes ?? null)
    const { sha256, mode, size_bytes } = content
    if (isAs(seen, content)) return alreadyDone('written', writtenOf(path, content, imageOf(path, seen, work.max_bytes), []))
    if (input.if_absent && seen !== null) return failed('exists', `\`${path}\` is there already`)
    if (input.expect_sha256 !== undefined && seen?.sha256 !== input.expect_sha256)
      return conflict(`\`${path}\` is not what it is expected to be`, { sha256: seen?.sha256 ?? null })
    const before = imageOf(path, seen, work.max_bytes)
    const missing = await work.store.missingFolders(path)
    return {
      kind: 'effect' as const,
      will: { path, before, after: { sha256, size_bytes, mode } },
      async make() {
        if (seen !== null) await work.store.keep(path, seen)
        const staged = await work.store.stage(content)
        const folders = withEarlier(work, missing)
        try {
          await work.effect({ before, created_folders: folders }, () => staged.place(path, seen, missing))
        } finally {
          await staged.discard()
        }
        return done(writtenOf(path, content, before, folders))
      }
    }
  },
  async look(work, input): Promise<Recovered<Written>> {
    const { before, created_folders } = work.noted()
    if (before === undefined) return { kind: 'not_done' }
    const was = before as Image | null
    const seen = await work.store.look(input.path)
    const content = contentOf(input, was?.mode ?? null, null)
    if (isAs(seen, content)) return { kind: 'done', output: writtenOf(input.path, content, was, foldersOf(created_folders)) }
    return isAs(seen, was) ? { kind: 'not_done' } : { kind: 'unknown' }
  },
  inverse: ({ path }, { before, created_folders, sha256, mode }) => ({
    action: 'restore_file',
    input: { path, before, created_folders },
    expect: { sha256, mode }
  })
})

function contentOf(input: Input, modeBefore: string | null, attributes: Content['attributes']): Content {
  const bytes =
    input.content === undefined ? (unbase64(input.content_base64 ?? '') ?? new Uint8Array()) : new TextEncoder().encode(input.content)
  // Whoever writes a program anew must not inherit that it runs as its owner.
  const mode = (input.mode ?? modeBefore?.slice(-3) ?? '644').padStart(4, '0')
  return { from: { bytes }, sha256: sha256Of(bytes), size_bytes: bytes.length, mode, attributes }
}

function writtenOf(path: string, { size_bytes, sha256, mode }: Content, before: Image | null, created_folders: string[]): Written {
  return { path, size_bytes, sha256, mode, created: before === null, before, created_folders }
}

/** Folders that an interrupted attempt of this call made are this call's too. */
function withEarlier(work: Work, folders: readonly string[]): string[] {
  return [...new Set([...foldersOf(work.noted()['created_folders']), ...folders])]
}

function foldersOf(noted: Json | undefined): string[] {
  return Array.isArray(noted) ? noted.map(String) : []
}
