// How grave something is and how it stands: sign, word and colour.
import { Badge } from '../../parts/badge.tsx'
import type { ControlProps } from '../../parts/form.tsx'
import { SEVERITIES, SEVERITY, STATUS, type Severity, type Status } from './wire.ts'

export function SeverityBadge({ of }: { readonly of: Severity }) {
  const { tone, icon, word } = SEVERITY[of]
  return (
    <Badge tone={tone} icon={icon}>
      {word}
    </Badge>
  )
}

export function StatusBadge({ of }: { readonly of: Status }) {
  const { tone, icon, word } = STATUS[of]
  return (
    <Badge tone={tone} icon={icon}>
      {word}
    </Badge>
  )
}

interface SelectProps extends Partial<ControlProps> {
  readonly value: Severity
  onPick(severity: Severity): void
  /** What stands behind the word of each. */
  about?(severity: Severity): string
}

export function SeveritySelect({ value, onPick, about, ...props }: SelectProps) {
  return (
    <select {...props} value={value} onChange={(event) => onPick(event.currentTarget.value as Severity)}>
      {SEVERITIES.map((one) => (
        <option key={one} value={one}>
          {SEVERITY[one].word}
          {about?.(one)}
        </option>
      ))}
    </select>
  )
}
