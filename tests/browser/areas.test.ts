// The areas of the UI as they look: each page at both widths and in both themes, empty, filled, and filled with texts that want to be executed.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startReceiver, type Receiver } from '../fakes/receiver.ts'
import { lookAt } from './look.ts'
import { hostileStrings, startWorld, visit, type World } from './world.ts'

let world: World
let receiver: Receiver
beforeAll(async () => {
  receiver = await startReceiver()
  world = await startWorld()
})
afterAll(async () => {
  await world?.close()
  await receiver?.close()
})

const look = (name: string, path: string, ready: string, act?: Parameters<typeof lookAt>[1]['act']) =>
  lookAt(world, { key: world.admin, path, name, ready, ...(act ? { act } : {}) })

describe('with nothing in it, a page teaches', () => {
  it.each([
    ['locks-empty', '/app/locks', 'Nothing is held'],
    ['webhooks-empty', '/app/webhooks', 'No endpoints yet'],
    ['exports-empty', '/app/exports', 'No exports yet']
  ])('%s', async (name, path, ready) => {
    await look(name, path, ready)
  })

  it('the door', async () => {
    await lookAt(world, { path: '/app/sign-in', name: 'sign-in', ready: 'No key yet?' })
    await lookAt(world, { path: '/app/setup', name: 'setup-claimed', ready: 'This installation is set up' })
  })

  it('who may not see an area is told which key would', async () => {
    await lookAt(world, { key: world.approver, path: '/app/settings', name: 'not-for-you', ready: 'Sign in with another key' })
  })
})

describe('with something in it', () => {
  beforeAll(async () => {
    const run = (payload: object) =>
      world.api('POST', '/runs', { workflow: 'agent_pr_workflow', user_email: 'agent@company.com', payload }, world.agent)
    await run({ repo: 'acme/app', branch: 'main' })
    await run({ repo: 'acme/app', branch: 'feature/x' })
    const resources = ['postgres/customers', 'github/acme/app/branch/agent%2Fx']
    await world.api('POST', '/locks', { resources, holder: 'billing-bot', ttl_seconds: 600 }, world.agent)
    const person = { email: 'ana@acme.dev', name: 'Ana', roles: ['approver', 'dba'], escalation_order: 1, clearance_level: 3 }
    await world.api('POST', '/people', {
      ...person,
      channels: [
        { kind: 'mail', address: 'ana@acme.dev' },
        { kind: 'slack', address: 'U024BE7LH' }
      ]
    })
    await world.api('PUT', '/facts/protected_tables', { value: ['payments', 'audit_log'] })
    await world.api('POST', '/webhooks', { url: `${receiver.url}/on-call/ok`, types: ['run.blocked'], description: 'on-call' })
    await world.api('POST', '/webhooks', { url: `${receiver.url}/down/broken` })
  })

  it.each([
    ['policies', '/app/policies', 'How to change it'],
    ['agents', '/app/agents', 'billing-bot'],
    ['locks', '/app/locks', 'github/acme/app/branch/agent%2Fx'],
    ['webhooks', '/app/webhooks', 'webhook.ping'],
    ['settings', '/app/settings', 'Signing secret'],
    ['setup-checklist', '/app/setup', 'Check again']
  ])('%s', async (name, path, ready) => {
    await look(name, path, ready)
  })

  it('dialogs keep the rules too', async () => {
    const open =
      (button: string): Parameters<typeof lookAt>[1]['act'] =>
      async (page) => {
        await page.getByRole('button', { name: button }).first().click()
        await page.getByRole('dialog').waitFor()
      }
    await look('agents-create', '/app/agents', 'billing-bot', open('Create a key…'))
    await look('agents-stop', '/app/agents', 'billing-bot', open('Stop all agents…'))
    await look('webhooks-create', '/app/webhooks', 'on-call', open('Register an endpoint…'))
    await look('settings-person', '/app/settings', 'Ana', open('Add a person…'))
  })

  it('a filter of policies stands in the address', async () => {
    const seen = await visit(world, { key: world.admin })
    try {
      await seen.page.goto('/app/policies?filter=prefix')
      await seen.page.getByText('require_branch_prefix').first().waitFor()
      expect(await seen.page.locator('table').getByText('dont_push_to_main').count()).toBe(0)
      await seen.page.getByLabel('Filter policies').fill('no such thing')
      await seen.page.getByText('No policy has that in it.').waitFor()
      expect(seen.page.url()).toContain('filter=no')
      expect(seen.wrongs).toEqual([])
    } finally {
      await seen.close()
    }
  })

  it('an answer that does not come is said, and asked for again', async () => {
    const seen = await visit(world, { key: world.admin })
    try {
      await seen.page.route('**/locks?*', (route) => route.abort())
      await seen.page.goto('/app/locks')
      await seen.page.getByText('the server does not answer').first().waitFor()
      await seen.page.unroute('**/locks?*')
      await seen.page.getByRole('button', { name: 'Try again' }).first().click()
      await seen.page.getByText('billing-bot').first().waitFor()
      expect(seen.wrongs).toEqual([])
    } finally {
      await seen.close()
    }
  })
})

describe('with the kill switch on', () => {
  it('every page says so', async () => {
    await world.api('PUT', '/facts/kill_switch', { value: { active: true, reason: 'an agent went wild' } })
    await look('agents-killed', '/app/agents', 'an agent went wild')
    await look('locks-killed', '/app/locks', 'The kill switch is on.')
    await world.api('PUT', '/facts/kill_switch', { value: false })
  })
})

describe('with hostile texts in every field', () => {
  it('nothing is executed, nothing is hidden, nothing is torn apart', async () => {
    const texts = hostileStrings().filter((text) => text.isWellFormed() && text.trim() !== '' && !text.includes('\0'))
    const at = (i: number, length: number) => texts[i % texts.length]!.slice(0, length).toWellFormed()
    for (let i = 0; i < 40; i++) await world.api('POST', '/keys', { scopes: ['read'], label: at(i, 120) })
    for (let i = 0; i < 20; i++) {
      await world.api('PUT', `/facts/hostile_${i}`, { value: { [at(i * 2, 200)]: at(i * 2 + 1, 500) } })
      const name = at(i, 120)
      await world.api('POST', '/people', { email: `hostile${i}@acme.dev`, name, attributes: { text: at(i + 20, 500) } })
      await world.api('POST', '/webhooks', { url: `${receiver.url}/hostile-${i}/gone`, description: at(i, 250) }).catch(() => undefined)
      const holder = at(i, 120)
      await world.api('POST', '/locks', { resources: [`hostile/${i}`], holder, ttl_seconds: 600 }, world.agent).catch(() => undefined)
    }
    await world.api('PUT', '/facts/code_freeze', { value: { active: true, reason: at(3, 400) } })
    for (const [name, path, ready] of [
      ['agents-hostile', '/app/agents', '<img src=x onerror=alert(1)>'],
      ['settings-hostile', '/app/settings', 'hostile0@acme.dev'],
      ['locks-hostile', '/app/locks', 'hostile/'],
      ['webhooks-hostile', '/app/webhooks', 'hostile-']
    ] as const)
      await look(name, path, ready, async (page) => {
        expect(await page.locator('main script, main iframe, main img:not(.badge-image)').count()).toBe(0)
      })
  })
})
