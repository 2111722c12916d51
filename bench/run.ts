// `npm run bench`: every figure beside its floor, measured in the same run, as one table. `npm run bench -- gate sign` runs some.
import { table, type Figure } from './measure.ts'

const BENCHES: Readonly<Record<string, () => Promise<Figure[]>>> = {
  gate: async () => (await import('./gate.ts')).gateFigures(),
  tool_calls: async () => (await import('./tool_calls.ts')).toolCallFigures(),
  sign: async () => (await import('./sign.ts')).signFigures(),
  embedded: async () => (await import('./embedded.ts')).embeddedFigures(),
  edge: async () => (await import('./edge.ts')).edgeFigures()
}

const wanted = process.argv.slice(2)
const figures: Figure[] = []
for (const [name, bench] of Object.entries(BENCHES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  process.stderr.write(`${name} …\n`)
  figures.push(...(await bench()))
}
console.log(table(figures))
