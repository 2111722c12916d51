// Findings as SARIF 2.1.0 (OASIS), for code scanning. Pure.
import { createHash } from 'node:crypto'
import { ENGINE_VERSION } from '../../engine/version.ts'
import { RULES, type Finding } from './lint.ts'

/** A finding with the line it is about. */
export interface Placed extends Finding {
  readonly line: number
}

/** The line where the file spells what a finding is about: an id as it is, or as the function of that name; else the first. */
export function lineOf({ about }: Finding, source: string): number {
  const camel = about.replaceAll(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase())
  if (about === '') return 1
  const isWord = (line: string, word: string) => new RegExp(`(?<![\\w$])${escaped(word)}(?![\\w$])`).test(line)
  const at = source.split('\n').findIndex((line) => !line.trimStart().startsWith('import ') && (isWord(line, camel) || isWord(line, about)))
  return at === -1 ? 1 : at + 1
}

function escaped(word: string): string {
  return word.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
}

/** The log; `uri` is the file's, relative to where the scan ran. */
export function sarifOf(findings: readonly Placed[], uri: string) {
  const ids = Object.keys(RULES)
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'enact policy lint',
            semanticVersion: ENGINE_VERSION,
            rules: Object.entries(RULES).map(([id, { level, title }]) => ({
              id,
              shortDescription: { text: title },
              defaultConfiguration: { level }
            }))
          }
        },
        columnKind: 'utf16CodeUnits',
        results: findings.map(({ rule, level, message, line }) => ({
          ruleId: rule,
          ruleIndex: ids.indexOf(rule),
          level,
          message: { text: message },
          locations: [{ physicalLocation: { artifactLocation: { uri }, region: { startLine: line } } }],
          partialFingerprints: { 'enact/v1': createHash('sha256').update(`${rule}\n${message}`).digest('hex') }
        }))
      }
    ]
  }
}
