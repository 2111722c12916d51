// A policy's parameters as a person reads them, and the filter of the page.
import type { Json } from '../../../engine/schema.ts'
import type { PolicyShown } from './wire.ts'

/** `prefix = agent/`, one line a parameter; empty where there is none. */
export function paramLines(params: Json): { readonly name: string; readonly value: string }[] {
  if (params === null || typeof params !== 'object' || Array.isArray(params))
    return params === null ? [] : [{ name: '', value: valueText(params) }]
  return Object.entries(params as Readonly<Record<string, Json>>).map(([name, value]) => ({ name, value: valueText(value) }))
}

function valueText(value: Json): string {
  if (typeof value === 'string') return value
  if (!Array.isArray(value)) return JSON.stringify(value)
  if (value.length === 0) return 'none'
  return value.map((one: Json) => (typeof one === 'string' ? one : JSON.stringify(one))).join(', ')
}

/** Every word must occur somewhere in what is shown of the policy. */
export function matchesFilter(policy: PolicyShown, filter: string): boolean {
  const text = JSON.stringify([policy.policy, policy.title, policy.params, policy.on, policy.facts, policy.mode]).toLowerCase()
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}
