// A channel as its form has it, and what is sent of that.
import { KIND, type Channel, type Kind } from './channel.ts'
import type { Severity } from './wire.ts'

/** A form as it is filled in. */
export interface ChannelForm {
  readonly kind: Kind
  readonly address: string
  readonly name: string
  readonly min_severity: Severity
  readonly rules: readonly string[]
  readonly isQuiet: boolean
  readonly start: string
  readonly end: string
  readonly time_zone: string
  readonly isCriticalExcepted: boolean
}

/** A new channel is told of warnings, at any hour. */
export function blankForm(timeZone: string): ChannelForm {
  return {
    kind: 'slack',
    address: '',
    name: '',
    min_severity: 'warning',
    rules: [],
    isQuiet: false,
    start: '22:00',
    end: '07:00',
    time_zone: timeZone,
    isCriticalExcepted: true
  }
}

export function formOf({ kind, target, name, min_severity, rules, quiet_hours }: Channel, timeZone: string): ChannelForm {
  const blank = blankForm(timeZone)
  const quiet =
    quiet_hours === null
      ? {}
      : {
          isQuiet: true,
          start: quiet_hours.start,
          end: quiet_hours.end,
          time_zone: quiet_hours.time_zone,
          isCriticalExcepted: quiet_hours.except === 'critical'
        }
  return { ...blank, kind, address: target, name: name ?? '', min_severity, rules, ...quiet }
}

/** What is sent, or what is wrong and where. Of a channel that is changed an empty secret stays as it is. */
export function bodyOf(
  form: ChannelForm,
  isNew: boolean
): { readonly body: Readonly<Record<string, unknown>> } | { readonly pointer: string; readonly wrong: string } {
  const { kind, name, min_severity, rules, isQuiet, start, end, time_zone, isCriticalExcepted } = form
  const { address: at, label, isSecret } = KIND[kind]
  const address = form.address.trim()
  const isKept = !isNew && isSecret && address === ''
  if (address === '' && !isKept) return { pointer: `/${at}`, wrong: `${label} is missing` }
  if (isQuiet && (start === '' || end === '')) return { pointer: `/quiet_hours/${start === '' ? 'start' : 'end'}`, wrong: 'say a time' }
  const quiet_hours = isQuiet ? { start, end, time_zone: time_zone.trim(), except: isCriticalExcepted ? 'critical' : null } : null
  return {
    body: {
      ...(isNew ? { kind } : {}),
      ...(isKept ? {} : { [at]: address }),
      name: name.trim() === '' ? null : name.trim(),
      min_severity,
      rules,
      quiet_hours
    }
  }
}
