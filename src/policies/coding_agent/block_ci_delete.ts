// Projects, pipelines and their secrets stay.
import * as z from 'zod'
import { commandTable, definePolicy, judgeTool } from '../../engine/index.ts'
import { Command, foundIn, ON_SHELL } from './judged.ts'

const TABLE = commandTable({
  'circleci * delete*|remove-secret|unlist|revoke*': 'deletes at CircleCI',
  'circleci * * delete*|remove*|revoke*': 'deletes at CircleCI',
  'glab * delete|archive': 'deletes at GitLab',
  'glab * * delete|remove': 'deletes at GitLab',
  'gh repo delete|archive|rename': 'deletes or closes a repository',
  'gh repo edit --archived': 'closes a repository',
  'gitlab-ctl stop|cleanse|uninstall|remove-accounts|pg-decomposition-migration': 'stops or wipes GitLab',
  'gitlab-rake *cleanup*|*drop*|*reset*': 'deletes at GitLab',
  'gh repo edit --visibility': 'shows or hides a repository',
  'gh repo sync --force': 'overwrites a branch',
  'gh issue delete': 'deletes an issue',
  'gh release delete|delete-asset': 'deletes a release',
  'gh run delete': 'deletes the record of a run',
  'gh cache|gist|label|secret|variable|ssh-key|gpg-key|workflow|extension|codespace|ruleset|project|pr|repo ** delete|remove|disable|delete-*':
    'deletes at GitHub',
  'gh pr merge --admin': 'merges past the rules',
  'glab repo|project|release|issue|mr|variable|label|ssh-key|snippet|schedule|ci|cluster|runner|milestone ** delete|archive':
    'deletes at GitLab',
  'gitlab-runner unregister|reset-token|uninstall': 'takes a runner away',
  'gitlab ** delete': 'deletes at GitLab',
  'circleci context|orb|pipeline|runner|namespace|project|policy ** delete|remove-secret|unlist|delete-token': 'deletes at CircleCI',
  'circleci namespace|runner ** delete|delete-namespace-alias': 'deletes at CircleCI',
  'java *jenkins-cli.jar ** delete-*|disable-*|groovy|groovysh|clear-queue|quiet-down|shutdown|safe-shutdown|disconnect-node|offline-node|reload-configuration':
    'deletes or stops at Jenkins',
  'jenkins-cli ** delete-*|disable-*|shutdown|safe-shutdown': 'deletes or stops at Jenkins',
  'jenkins-jobs|jenkins-job-builder delete|delete-all': 'deletes at Jenkins',
  'buildkite-agent|bk ** delete|remove': 'deletes at Buildkite',
  'travis ** delete|disable': 'deletes at Travis',
  'drone ** rm|disable|purge': 'deletes at Drone',
  'woodpecker-cli ** rm|purge': 'deletes at Woodpecker',
  'tkn ** delete': 'deletes at Tekton',
  'argo ** delete|terminate': 'deletes a workflow',
  'az devops|pipelines|repos ** delete': 'deletes at Azure DevOps',
  'tea repos|issues|releases ** delete': 'deletes at Gitea',
  'launchdarkly|ldcli ** delete': 'deletes flags',
  'sentry-cli ** delete': 'deletes at Sentry'
})
const REMEDY = 'ask a person to delete it'

/** Denies deleting or archiving repositories, releases, pipelines, runners, jobs and their secrets: gh, glab, CircleCI, Jenkins and others. */
export const blockCiDelete = definePolicy({
  id: 'block_ci_delete',
  title: 'No deleting at code hosts',
  params: z.strictObject({}),
  reads: Command,
  on: ON_SHELL,
  parses: ['shell'],
  evaluate: (context) => judgeTool(context, foundIn(TABLE, REMEDY), 'nothing is deleted at a code host')
})
