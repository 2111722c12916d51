// Alerts by mail, through whatever the installation sends mail with.
import { escapeHtml, messageOf, wordsOfParcel, type AlertParcel } from '../../engine/index.ts'
import type { Mailer } from '../notices/index.ts'
import { answered, spoken, type Ended } from './vendor.ts'

/** Sends one mail under the delivery's id: where the provider knows repetitions, a second attempt is no second mail. */
export function mailAlerts(mailer: Mailer, origin: () => string | null) {
  return async (id: string, to: string, parcel: AlertParcel): Promise<Ended> => {
    const { headline, lines, link } = wordsOfParcel(parcel, origin())
    const subject = `Enact: ${headline}`
    const text = [headline, '', ...lines, ...(link === null ? [] : ['', `Open it: ${link}`])].join('\n')
    const anchor = link === null ? '' : `<p><a href="${escapeHtml(link)}">Open in Enact</a></p>`
    const shown = lines.map((line) => `<p>${escapeHtml(line)}</p>`).join('')
    const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escapeHtml(subject)}</title><h1>${escapeHtml(headline)}</h1>${shown}${anchor}</html>`
    try {
      await mailer({ id, channel: { kind: 'mail', address: to }, subject, text, html, links: { approve: null, deny: null } })
      return { kind: 'response', status: 200, retryAfter: null }
    } catch (error) {
      const { status, retryAfter } = error as { status?: unknown; retryAfter?: unknown }
      if (typeof status === 'number') return answered(status, typeof retryAfter === 'string' ? retryAfter : null, '')
      return { kind: 'failed', message: spoken(messageOf(error), []) }
    }
  }
}
