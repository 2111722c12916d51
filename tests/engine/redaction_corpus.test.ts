// Another project's patterns: whatever they call a secret of a vendor that is named here, is found here.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findSecrets } from '../../src/engine/redaction.ts'
import { corpus } from '../vectors/corpora.ts'

const file = corpus('gitleaks/gitleaks.toml')

/** Rules by their ids; each must be covered, and be there. */
const COVERED = [
  'anthropic-admin-api-key',
  'anthropic-api-key',
  'aws-access-token',
  'aws-amazon-bedrock-api-key-long-lived',
  'cloudflare-origin-ca-key',
  'digitalocean-access-token',
  'digitalocean-pat',
  'digitalocean-refresh-token',
  'gcp-api-key',
  'github-app-token',
  'github-fine-grained-pat',
  'github-oauth',
  'github-pat',
  'github-refresh-token',
  'gitlab-cicd-job-token',
  'gitlab-deploy-token',
  'gitlab-feature-flag-client-token',
  'gitlab-feed-token',
  'gitlab-incoming-mail-token',
  'gitlab-kubernetes-agent-token',
  'gitlab-oauth-app-secret',
  'gitlab-pat',
  'gitlab-pat-routable',
  'gitlab-ptt',
  'gitlab-rrt',
  'gitlab-runner-authentication-token',
  'gitlab-runner-authentication-token-routable',
  'gitlab-scim-token',
  'npm-access-token',
  'openai-api-key',
  'private-key',
  'pypi-upload-token',
  'slack-app-token',
  'slack-bot-token',
  'slack-config-access-token',
  'slack-config-refresh-token',
  'slack-legacy-bot-token',
  'slack-user-token',
  'slack-webhook-url',
  'stripe-access-token',
  'twilio-api-key'
]

function ruleOf(toml: string, id: string): string | undefined {
  const rule = toml.split('[[rules]]').find((part) => part.includes(`\nid = "${id}"\n`))
  return rule && /^regex = '''(.*)'''$/m.exec(rule)?.[1]
}

/** RE2 as JavaScript: no flags in the middle, no end of the text, which a sample in a sentence does not have, and a host whose dots are dots. */
function javascriptOf(re2: string): RegExp {
  return new RegExp(
    re2
      .replaceAll(/\(\?-?i:/g, '(?:')
      .replaceAll(/\(\?-?i\)|\\b/g, '')
      .replaceAll('\\z', '$')
      .replaceAll('(?:[\\x60\'"\\s;]|\\\\[nr]|$)', '')
      .replaceAll('[\\s\\S-]', '[A-Za-z0-9+/]')
      .replace('hooks.slack.com', 'hooks\\.slack\\.com')
  )
}

describe.skipIf(file === null)('gitleaks (skipped: no corpora)', () => {
  const toml = file === null ? '' : readFileSync(file, 'utf8')

  test.each(COVERED)('%s', (id) => {
    const re2 = ruleOf(toml, id)
    expect(re2).toBeDefined()
    const missed: string[] = []
    // Shorter than the shortest real key, only a sampler makes them.
    const samples = fc.stringMatching(javascriptOf(`^(?:${re2})$`)).filter(({ length }) => length >= 20)
    for (const sample of fc.sample(samples, { numRuns: 50, seed: 7 })) {
      // Randomness without a digit in dozens of characters, as this sampler likes it, is what no vendor hands out.
      const digit = sample.replace(/^(\D*)\D$/, '$17')
      if (findSecrets(`key: ${digit} end`).length === 0) missed.push(digit)
    }
    expect(missed).toEqual([])
  })
})
