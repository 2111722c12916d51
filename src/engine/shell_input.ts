// What stands on a program's standard input, as far as the text tells: here-documents, what `echo` and `cat` pass on, decoded base64.
import { unbase64 } from './bytes.ts'
import type { ShellCommand } from './shell_command.ts'
import { type Variables, wordsOf } from './shell_words.ts'
import { programOf } from './shell_wrappers.ts'
import type { JsonObject } from './schema.ts'

/** What one element of a pipeline reads. */
export interface PipelineInput {
  readonly input: readonly string[]
  readonly source: ShellCommand | null
}

/** The texts of here-documents and here-strings among these redirects. */
export function textsGiven(parts: readonly JsonObject[], variables: Variables): readonly string[] {
  return parts.flatMap((part) => {
    if (part.type === 'HereDoc') return [String((part.body as JsonObject).text ?? '')]
    if (part.type !== 'HereString' || part.target === undefined) return []
    return [
      wordsOf(part.target as JsonObject, variables)
        .map((word) => word.text)
        .join(' ')
    ]
  })
}

/** The inputs of all elements in turn; null stands for one that is no simple command. */
export function readPipeline(commands: readonly (ShellCommand | null)[], first: readonly string[]): readonly PipelineInput[] {
  const read: PipelineInput[] = [{ input: first, source: null }]
  for (let at = 1; at < commands.length; at++) {
    const before = commands[at - 1]!
    read.push({ input: before === null ? [] : textsWritten(before, read[at - 1]!.input), source: before })
  }
  return read
}

/** What a command writes to its output, where the text tells. */
export function textsWritten(command: ShellCommand, given: readonly string[]): readonly string[] {
  const name = programOf(command)
  const words = command.words.slice(1)
  if (name === 'echo') return words.every((word) => word.literal) ? [echoed(words.map((word) => word.text))] : []
  if (name === 'printf') return words.every((word) => word.literal) ? [printed(words.map((word) => word.text))] : []
  const input = command.input.length > 0 ? command.input : given
  if (name === 'cat' || name === 'tee') return input
  const options = words.map((word) => word.text)
  if (name === 'base64' || name === 'gbase64') return options.some((one) => /^-(?:d|D|-decode)/.test(one)) ? input.flatMap(decoded) : []
  if (name === 'rev') return input.map((text) => text.split('\n').map(reversed).join('\n'))
  if (name === 'xxd') return options.includes('-p') && options.includes('-r') ? input.map(fromHex) : []
  return []
}

function echoed(words: readonly string[]): string {
  return words
    .filter((word) => !/^-[neE]+$/.test(word))
    .map((word) => word.replaceAll('\\n', '\n'))
    .join(' ')
}

function printed(words: readonly string[]): string {
  const [format = '', ...values] = words
  const text = values.length === 0 ? format : values.reduce((one, value) => one.replace(/%[sb]/, () => value), format)
  return text
    .replaceAll('\\n', '\n')
    .replaceAll(/\\x([0-9a-f]{2})/gi, (_match, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

function decoded(text: string): readonly string[] {
  const bytes = unbase64(text.replace(/\s+/g, ''))
  return bytes === null ? [] : [Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')]
}

function fromHex(text: string): string {
  return text.replace(/\s+/g, '').replaceAll(/[0-9a-f]{2}/gi, (hex) => String.fromCharCode(Number.parseInt(hex, 16)))
}

function reversed(line: string): string {
  return Array.from(line).reverse().join('')
}
