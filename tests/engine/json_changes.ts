// Every way to change one place of a JSON value, for tests of what must notice any change.
import type { Json, JsonObject } from '../../src/engine/schema.ts'

/** Every way to change one place of a JSON value: other value, deletion, addition, another order. */
export function* changes(value: Json, path: string): Generator<[string, Json]> {
  if (Array.isArray(value)) {
    const items = value as readonly Json[]
    yield [`${path} + item`, [...items, 'x']]
    if (items.length > 1) yield [`${path} reversed`, items.toReversed()]
    for (const [i, item] of items.entries()) {
      yield [`${path}/${i} deleted`, items.toSpliced(i, 1)]
      yield [`${path}/${i} doubled`, items.toSpliced(i, 0, item)]
      for (const [what, changed] of changes(item, `${path}/${i}`)) yield [what, items.with(i, changed)]
    }
  } else if (value !== null && typeof value === 'object') {
    yield [`${path} + key`, { ...value, added: null }]
    yield [`${path} + __proto__`, Object.fromEntries([['__proto__', { role: 'admin' }], ...Object.entries(value)])]
    for (const [key, item] of Object.entries(value)) {
      const { [key]: _, ...without } = value as JsonObject
      yield [`${path}/${key} deleted`, without]
      yield [`${path}/${key} renamed`, { ...without, [`${key}_`]: item }]
      for (const [what, changed] of changes(item, `${path}/${key}`)) yield [what, { ...value, [key]: changed }]
    }
  }
  for (const other of othersThan(value)) yield [`${path} = ${JSON.stringify(other)}`, other]
}

function othersThan(value: Json): Json[] {
  if (typeof value === 'string')
    return [`${value} `, value.toUpperCase() === value ? value.toLowerCase() : value.toUpperCase(), '', null, [value]].filter(
      (other) => other !== value
    )
  if (typeof value === 'number') return [value + 1, -value, String(value), null].filter((other) => other !== value)
  if (typeof value === 'boolean') return [!value, String(value), null, Number(value)]
  return value === null ? ['', false, {}, 0] : [null, '', typeof value]
}
