// Alerts in words, the same for every channel. What an agent wrote in them is neither markup, mention nor link, whoever shows it.
import { shownText } from './alert.ts'
import type { AlertTold } from './alert_event.ts'

/** What a channel is to say. Texts are one line each; `link` leads to this installation. */
export interface AlertWords {
  readonly headline: string
  readonly lines: readonly string[]
  readonly link: string | null
}

/** What is sent by one delivery: one alert, everything that quiet hours held back, or a test. */
export type AlertParcel =
  | { readonly kind: 'alert'; readonly team_id: string; readonly told: AlertTold }
  | { readonly kind: 'digest'; readonly team_id: string; readonly told: readonly AlertTold[] }
  | { readonly kind: 'test'; readonly team_id: string }

const HEADLINE_MAX = 140
const DIGEST_LINES_MAX = 20
const DIGEST_LINE_MAX = 160
const SMS_MAX = 320

/** The words of a parcel. `origin` is where this installation is reached, null where nobody knows. */
export function wordsOfParcel(parcel: AlertParcel, origin: string | null): AlertWords {
  const link = (alertId: string | null) =>
    origin === null ? null : `${origin}/app/alerts${alertId === null ? '' : `?alert_id=${alertId}`}`
  const team = `Team ${parcel.team_id}`
  if (parcel.kind === 'test')
    return {
      headline: 'Test: alerts of Enact arrive here',
      lines: ['Somebody pressed the test button. Nothing has happened.', team],
      link: link(null)
    }
  if (parcel.kind === 'alert') {
    const { told } = parcel
    const often = told.count > 1 ? [`${told.count} times since ${told.first_at}`] : []
    return { headline: headlineOf(told), lines: [unlinked(told.message), ...often, team], link: link(told.alert_id) }
  }
  const shown = parcel.told.slice(0, DIGEST_LINES_MAX).map((told) => cut(`${headlineOf(told)} (${told.count}×)`, DIGEST_LINE_MAX))
  const more = parcel.told.length - shown.length
  return {
    headline: `${parcel.told.length} alerts came during quiet hours`,
    lines: [...shown, ...(more > 0 ? [`… and ${more} more`] : []), team],
    link: link(null)
  }
}

/** The same in one text of at most 320 characters, on one line; the link comes whole or not at all. */
export function smsOf({ headline, lines, link }: AlertWords): string {
  const tail = link === null ? '' : ` ${link}`
  const text = shownText(`Enact ${headline}. ${lines.join('. ')}`, SMS_MAX)
  return tail.length > SMS_MAX / 2 ? text : `${cut(text, SMS_MAX - tail.length)}${tail}`
}

function headlineOf({ severity, alert, subject }: AlertTold): string {
  const grave = `${severity[0]!.toUpperCase()}${severity.slice(1)}`
  return cut(`${grave}: ${alert}${subject === '' ? '' : `: ${unlinked(subject)}`}`, HEADLINE_MAX)
}

/**
 * The text with its addresses taken apart, as those who handle malicious ones write them: `hxxps[:]//evil[.]com`. Programs that show messages
 * make a link of whatever looks like one, be it in plain text. An e-mail address stays: writing to it does nothing.
 */
export function unlinked(text: string): string {
  return text
    .replaceAll(/\bh(tt)(ps?)(?=:)/gi, 'hxx$2')
    .replaceAll(/:(?=[/\\]{2})/g, '[:]')
    .replaceAll(/\b(mailto|tel|sms|javascript|data|slack|intent):/gi, '$1[:]')
    .replaceAll(/(?<![^\s"'`([{<,;=/\\])[^\s@"'`()[\]{}<>,;=/\\]+\.[^\s@]+/g, (word) => word.replaceAll('.', '[.]'))
}

function cut(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max - 1).toWellFormed()}…` : text
}
