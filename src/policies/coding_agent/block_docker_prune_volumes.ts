// Volumes hold data.
import * as z from 'zod'
import { commandTable, definePolicy, judgeTool } from '../../engine/index.ts'
import { Command, foundIn, ON_SHELL } from './judged.ts'

const TABLE = commandTable({
  'docker|podman|nerdctl system prune --all/-a': 'removes every image and container that is not running',
  'docker|podman|nerdctl system prune --volumes': 'removes volumes with their data',
  'docker|podman|nerdctl system prune --force/-f': 'removes what is not running, unasked',
  'docker|podman|nerdctl system prune': 'removes what is not running',
  'podman system reset': 'removes everything',
  'docker|podman|nerdctl volume rm|remove|prune': 'removes volumes with their data',
  'docker|podman|nerdctl image prune --all/-a': 'removes every image that is not in use',
  'docker|podman|nerdctl container prune': 'removes every stopped container',
  'docker|podman|nerdctl compose ** down --volumes/-v': 'removes the volumes with their data',
  'docker|podman|nerdctl compose ** rm --volumes/-v': 'removes volumes with their data',
  'docker|podman|nerdctl rm --volumes/-v': 'removes volumes with their data',
  'docker-compose|podman-compose ** down --volumes/-v': 'removes the volumes with their data',
  'docker-compose|podman-compose ** rm --volumes/-v': 'removes volumes with their data',
  'docker stack|swarm|service|secret|config rm|leave|remove': 'takes services down',
  'lxc|incus delete': 'deletes a machine',
  'virsh undefine|destroy|vol-delete|pool-delete': 'deletes a machine or its disk',
  'multipass delete|purge': 'deletes a machine'
})
const REMEDY = 'remove the one container or image that is meant'

/** Denies removing volumes of containers, pruning everything that is not running, and stacks taken down with their data. */
export const blockDockerPruneVolumes = definePolicy({
  id: 'block_docker_prune_volumes',
  title: 'No pruning of volumes',
  params: z.strictObject({}),
  reads: Command,
  on: ON_SHELL,
  parses: ['shell'],
  evaluate: (context) => judgeTool(context, foundIn(TABLE, REMEDY), 'no volume is removed')
})
