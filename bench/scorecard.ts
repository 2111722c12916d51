// How often the pack `coding_agent` stops what it should and lets pass what it should: `node bench/scorecard.ts [set …]`. See docs/guide/scorecard.md.
import { nodeHash } from '../src/adapters/hash/index.ts'
import { nodeParsers } from '../src/adapters/parsers/node.ts'
import { contextOf, judgeAll, strictest } from '../src/engine/gate.ts'
import { type Effect, install, toolAction, TOOL_ACTIONS, toolSystem } from '../src/engine/index.ts'
import { codingAgentPack } from '../src/packs/index.ts'
import { readSet, type ScoredCase, type ScoredSet } from './scorecard_sets.ts'
import { wilson } from './wilson.ts'

const DEFAULT_SET = new URL('../../shared/corpora/shell_commands', import.meta.url).pathname

/** What became of the cases of one half of a set. */
export interface Score {
  readonly half: 'open' | 'held out'
  readonly destructive: Tally
  readonly harmless: Tally
}

/** How many were denied, asked about and let pass. */
export interface Tally {
  readonly total: number
  readonly denied: number
  readonly asked: number
  readonly passed: number
}

/** Judges every case of a set with the default pack. `missed` are the cases of the open half that went wrong: those of the other half are counted, never shown. */
export async function score(set: ScoredSet): Promise<{ scores: readonly Score[]; missed: readonly ScoredCase[] }> {
  const parsers = nodeParsers()
  await parsers.load(['sql', 'shell'])
  const installation = install({ connectors: [toolSystem()], policies: codingAgentPack(), workflows: [], actions: TOOL_ACTIONS }, nodeHash)
  const effectOf = ({ tool_name, tool_input }: ScoredCase): Effect => {
    const { action, input } = toolAction({ tool_name, tool_input })
    const subject = { team_id: 'scorecard', workflow: action, user_email: 'agent@example.com', user_attributes: {}, mode: 'observed' }
    const target = installation.target('agent', action.replace('agent.', ''))!
    return strictest(judgeAll(installation.callPolicies(target), contextOf(subject, input, {}, 0, { parsers }, target), new Map()))
  }
  const judged = set.cases.map((one) => ({ one, effect: effectOf(one) }))
  const tally = (held_out: boolean, expect: ScoredCase['expect']): Tally => {
    const these = judged.filter(({ one }) => one.held_out === held_out && one.expect === expect)
    const count = (effect: Effect) => these.filter((each) => each.effect === effect).length
    return { total: these.length, denied: count('deny'), asked: count('ask'), passed: count('allow') }
  }
  return {
    scores: [false, true].map((held_out) => ({
      half: held_out ? 'held out' : 'open',
      destructive: tally(held_out, 'stop'),
      harmless: tally(held_out, 'pass')
    })),
    missed: judged.filter(({ one, effect }) => !one.held_out && (effect !== 'allow') !== (one.expect === 'stop')).map(({ one }) => one)
  }
}

/** One line a half: shares with their Wilson 95 % intervals. */
export function report(name: string, scores: readonly Score[], leftOut: readonly string[]): string {
  const share = (count: number, total: number) => {
    if (total === 0) return 'none'
    const [low, high] = wilson(count, total)
    return `${count}/${total} = ${percent(count / total)} (${percent(low)} to ${percent(high)})`
  }
  const lines = scores.map(({ half, destructive, harmless }) =>
    [
      `  ${half} half`,
      `    destructive stopped    ${share(destructive.denied + destructive.asked, destructive.total)}, ${destructive.asked} of them by asking`,
      `    harmless denied        ${share(harmless.denied, harmless.total)}`,
      `    harmless asked about   ${share(harmless.asked, harmless.total)}`
    ].join('\n')
  )
  return [
    name,
    ...lines,
    ...(leftOut.length > 0 ? [`  left out, for they say nothing about a tool call: ${leftOut.join(', ')}`] : [])
  ].join('\n')
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

if (import.meta.main === true || process.argv[1]?.endsWith('scorecard.ts')) {
  const paths = process.argv.slice(2)
  if (paths.length === 0) paths.push(process.env.ENACT_CORPORA ?? DEFAULT_SET)
  for (const path of paths) {
    const set = readSet(path)
    if (set === null) {
      console.log(`skipped: no corpora (${path})`)
      continue
    }
    const { scores, missed } = await score(set)
    console.log(report(set.name, scores, set.left_out))
    for (const { expect, tool_name, tool_input } of missed)
      console.log(`  wrong in the open half: should ${expect}: ${tool_name} ${JSON.stringify(tool_input).slice(0, 200)}`)
  }
}
