// Text messages through Twilio's Messages resource (https://www.twilio.com/docs/messaging/api/message-resource).
import { base64, smsOf, wordsOfParcel, type AlertParcel } from '../../engine/index.ts'
import { ask, type Ended } from './vendor.ts'

export interface TwilioOptions {
  readonly accountSid: string
  readonly authToken: string
  /** A number in E.164, or the id of a messaging service (`MG…`). */
  readonly from: string
  readonly apiUrl?: string
  readonly timeoutMs?: number
  origin(): string | null
}

/** Sends one message of at most 320 characters. Twilio knows no repetition: one whose answer is lost may come twice. */
export function twilio({ accountSid, authToken, from, apiUrl = 'https://api.twilio.com', timeoutMs, origin }: TwilioOptions) {
  const sender: Record<string, string> = from.startsWith('MG') ? { MessagingServiceSid: from } : { From: from }
  return (to: string, parcel: AlertParcel): Promise<Ended> =>
    ask({
      url: `${apiUrl.replace(/\/+$/, '')}/2010-04-01/Accounts/${encodeURIComponent(accountSid)}/Messages.json`,
      headers: {
        authorization: `Basic ${base64(new TextEncoder().encode(`${accountSid}:${authToken}`))}`,
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json'
      },
      body: new URLSearchParams({ To: to, ...sender, Body: smsOf(wordsOfParcel(parcel, origin())) }).toString(),
      hidden: [authToken],
      timeoutMs,
      said: ({ code, message }) => `${typeof code === 'number' ? `${code}: ` : ''}${typeof message === 'string' ? message : ''}`
    })
}
