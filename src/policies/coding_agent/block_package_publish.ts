// What is published cannot be taken back.
import * as z from 'zod'
import { commandTable, definePolicy, judgeTool } from '../../engine/index.ts'
import { Command, foundIn, ON_SHELL, OnMatch } from './judged.ts'

const TABLE = commandTable({
  'npm|pnpm|bun publish': 'publishes a package',
  'yarn publish': 'publishes a package',
  'yarn npm publish': 'publishes a package',
  'npm|pnpm unpublish|deprecate': 'takes a package away from those who use it',
  'npm owner|dist-tag|access|token|org|team add|rm|remove|set|grant|revoke|create|public|destroy':
    'changes who may publish, or what is installed',
  'lerna|changeset|changesets|semantic-release|release-it|np|nx publish': 'publishes packages',
  'semantic-release !--dry-run': 'publishes packages',
  'nx release publish': 'publishes packages',
  'cargo publish|yank|owner': 'publishes a package or takes it away',
  'gem push|yank|owner': 'publishes a package or takes it away',
  'twine upload': 'publishes a package',
  'poetry|uv|flit|pdm|hatch publish': 'publishes a package',
  'python|python3 setup.py ** upload': 'publishes a package',
  'mvn ** deploy': 'publishes a package',
  'gradle|gradlew publish*': 'publishes a package',
  'dotnet nuget push|delete': 'publishes a package',
  'nuget push|delete': 'publishes a package',
  'vsce|ovsx publish|unpublish': 'publishes an extension',
  'pod trunk push|delete|deprecate': 'publishes a package',
  'mix hex.publish|hex.retire': 'publishes a package',
  'composer publish': 'publishes a package',
  'jsr|deno publish': 'publishes a package',
  'helm push': 'publishes a chart',
  'gh release create|upload': 'publishes a release',
  'eas submit': 'submits an app',
  'fastlane ** release|deliver|upload_to_app_store|supply': 'submits an app'
})
const REMEDY = 'ask a person to publish it'

/** Asks a person (or denies, by parameter) before a package, image, extension or release is published, unpublished or deprecated. */
export const blockPackagePublish = definePolicy({
  id: 'block_package_publish',
  title: 'Publishing waits for a person',
  params: z.strictObject({ effect: OnMatch.default('ask') }),
  reads: Command,
  on: ON_SHELL,
  parses: ['shell'],
  evaluate: (context, { effect }) => judgeTool(context, foundIn(TABLE, REMEDY, effect), 'nothing is published')
})
