// The addresses that a tool call would reach, parsed: those of fetching tools and those in commands.
import * as z from 'zod'
import { deny, judgeTool, type JudgedContext, quoted, type UrlParts, type Verdict } from '../../engine/index.ts'

/** What the policies of this family read. */
export const Address = z.object({ url: z.string().optional(), command: z.string().optional() })
/** The tool calls that they judge. */
export const ON_FETCHES: readonly string[] = ['agent.*']

/** Judges every address by `wrong`, which says what is wrong with it or null. What is no address blocks. */
export function judgeAddresses(
  context: JudgedContext,
  remedy: string,
  allowed: string,
  wrong: (url: UrlParts, text: string) => string | null
): Verdict {
  return judgeTool(
    context,
    ({ requests }) => {
      for (const { url, by } of requests) {
        // What only the shell will know is taken for a name, so that the rest can be read.
        const text = by === 'curl' || by === 'wget' ? url.replaceAll(/\$\{[^}]*\}|\$\([^)]*\)|\$\w+/g, 'unknown') : url
        const parsed = context.parsers.url(text)
        if (!parsed.ok) return deny(`${quoted(url)} cannot be judged: ${parsed.error}`, { remedy: 'use a plain absolute address' })
        const what = wrong(parsed.tree, text)
        if (what !== null) return deny(`${quoted(url)} ${what}`, { remedy })
      }
      return null
    },
    allowed
  )
}

/** The host without the dot that may end it. */
export function hostOf({ hostname }: UrlParts): string {
  return hostname.replace(/\.+$/, '')
}

/** Whether a host is the entry or lies below it. */
export function isBelow(host: string, entry: string): boolean {
  const domain = entry
    .trim()
    .toLowerCase()
    .replace(/^\*?\.+/, '')
    .replace(/\.+$/, '')
  return domain !== '' && (host === domain || host.endsWith(`.${domain}`))
}

/** An IPv4 or IPv6 address; the URL parser has folded decimal, octal and hexadecimal spellings. */
export function isIp(host: string): boolean {
  return host.startsWith('[') || /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host)
}

/** This machine. */
export function isLoopback(host: string): boolean {
  return /^(?:localhost|.*\.localhost|127(?:\.\d+){3}|\[::1\]|0\.0\.0\.0)$/.test(host)
}
