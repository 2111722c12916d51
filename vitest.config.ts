import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-pool-workers'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // One more than cores, since some wait for a process or an alarm.
    maxWorkers: 3,
    reporters: process.env.CI ? ['default', 'json'] : ['default'],
    outputFile: { json: '.enact/ci/vitest-fast.json' },
    projects: [
      {
        test: {
          name: 'node',
          include: ['tests/**/*.test.ts'],
          exclude: ['tests/edge/**', 'tests/slow/**', 'tests/browser/**', '**/node_modules/**'],
          testTimeout: 20_000,
          // One worker after the other reads the sources once; no file leaves anything behind for the next.
          isolate: false,
          // A real Postgres starts in some of them.
          hookTimeout: 60_000
        }
      },
      {
        // The real Worker in the real runtime: D1, Durable Objects, alarms. GitHub is a server on this machine.
        plugins: [
          cloudflareTest(async ({ inject }) => ({
            wrangler: { configPath: './wrangler.toml' },
            miniflare: {
              // Kept by the runtime, as the platform would.
              email: { send_email: [{ name: 'EMAIL' }] },
              // The queue waits for company for longer than a file of tests takes: they hand its messages over themselves.
              queueConsumers: { 'enact-webhooks': { maxBatchSize: 100, maxBatchTimeout: 60 } },
              bindings: {
                ENACT_SECRET: 'vgXk2P0m7RZt4LqHc9YwB1sJ8uEaN5dF',
                ENACT_ASK_BEFORE: 'close_pr,close_issue:2,delete_message',
                ENACT_LIMIT_RATE: 'create_issue:10/1h',
                GITHUB_TOKEN: inject('githubToken'),
                GITHUB_API_URL: inject('githubUrl'),
                DATABASE_URL: inject('databaseUrl'),
                DATABASE_TEAMS: 'tables',
                NEON_LOCAL_URL: inject('neonUrl'),
                RESEND_API_KEY: 're_FakeKeyOfTheTestsThatMustNeverShow00',
                RESEND_API_URL: inject('channelsUrl'),
                // People are asked by Resend, agents write by SMTP.
                ENACT_MAIL_FROM: 'Agent <agent@company.com>',
                ENACT_MAIL_DOMAINS: 'example.com',
                ENACT_MAIL_ROLES: 'support',
                SMTP_URL: `smtp://127.0.0.1:${inject('mailHouse').smtpPort}`,
                SLACK_BOT_TOKEN: 'xoxb-FakeTokenOfTheTestsThatMustNeverShow',
                SLACK_API_URL: inject('slackUrl'),
                SLACK_SIGNING_SECRET: 'slack-signing-secret-of-the-tests',
                PAGERDUTY_API_URL: inject('alertingUrl'),
                TWILIO_ACCOUNT_SID: 'ACfaceb00cfaceb00cfaceb00cfaceb00c',
                TWILIO_AUTH_TOKEN: 'twilio-auth-token-that-must-never-show',
                TWILIO_FROM: '+15005550006',
                TWILIO_API_URL: inject('alertingUrl'),
                ACCESS_TEAM_DOMAIN: inject('accessUrl'),
                ACCESS_AUD: 'aud-of-the-worker, aud-of-the-pages',
                ACCESS_TEAM: 'staff',
                ACCESS_ADMINS: 'Boss@Staff.example, kate@staff.example',
                ENACT_UI_ORIGINS: 'https://ui.enact.example, http://localhost:5173/, null, *, https://a.example/path',
                ENACT_MCP: ['mcp', 'sessions', 'redirect', 'broken', 'slow', 'slow-call', 'huge', 'evil']
                  .map((id) => `${id === 'mcp' ? 'docs' : id}=${inject('mcpUrl')}/${id}`)
                  .concat('down=http://127.0.0.1:9/mcp')
                  .join(),
                ENACT_MCP_DOCS_TOKEN: 'upstream-credential-that-no-agent-may-see',
                ENACT_MCP_DOCS_ALLOW: 'echo, run_command, fail, leak, not_there',
                ENACT_MCP_DOCS_RESOURCES: 'docs://open/*',
                ENACT_MCP_DOCS_PROMPTS: 'greet',
                ENACT_MCP_BROKEN_TOKEN: 'upstream-credential-that-no-agent-may-see',
                ENACT_MCP_SESSIONS_TEAMS: 'gateways',
                ENACT_MCP_SLOW_TIMEOUT_MS: '300',
                ENACT_MCP_SLOW_CALL_TIMEOUT_MS: '1500',
                MIGRATIONS: await readD1Migrations('./migrations')
              }
            }
          }))
        ],
        test: {
          name: 'edge',
          include: ['tests/edge/**/*.test.ts'],
          globalSetup: ['tests/fakes/edge_setup.ts'],
          setupFiles: ['tests/edge/migrate.ts'],
          testTimeout: 30_000,
          deps: {
            optimizer: {
              ssr: {
                enabled: true,
                include: [
                  'zod',
                  'hono',
                  'drizzle-orm',
                  'drizzle-orm/d1',
                  'drizzle-orm/sqlite-core',
                  '@modelcontextprotocol/client',
                  '@modelcontextprotocol/server',
                  '@octokit/rest',
                  'itty-durable/itty-durable.js',
                  'itty-durable/proxy-durable.js',
                  '@neondatabase/serverless'
                ]
              }
            }
          }
        }
      }
    ]
  }
})
