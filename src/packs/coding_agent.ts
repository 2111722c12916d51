// The default pack for coding agents: everything that public incidents were made of is denied or put before a person, everyday work is not.
import type { Policy } from '../engine/index.ts'
import * as policies from '../policies/index.ts'

/** What an installation may set; everything has a default. */
export interface CodingAgentPack {
  /** Packages that may be installed by name; anything else waits for a person. */
  readonly vetted_packages?: readonly string[]
  /** Names of folders that may be deleted beside build output and caches. */
  readonly disposable?: readonly string[]
  /** Hosts at which requests may delete. */
  readonly deletable_hosts?: readonly string[]
  /** Tools of servers that may delete. */
  readonly deleting_tools?: readonly string[]
  /** Further files that only people may change, by the end of their path. */
  readonly protected_files?: readonly string[]
}

/** The policies of the pack, bound. Their order does not matter: the strictest verdict wins. */
export function codingAgentPack(given: CodingAgentPack = {}): readonly Policy[] {
  const { vetted_packages = [], disposable = [], deletable_hosts = [], deleting_tools = [], protected_files = [] } = given
  return [
    policies.protectEnact({ also: [...protected_files] }),
    policies.blockOpaqueCommand(),
    policies.blockHomeDirDestructive(),
    policies.blockRecursiveDelete({ disposable: [...disposable] }),
    policies.blockDiskDestructive(),
    policies.blockSystemFileWrite(),
    policies.blockForkBomb(),
    policies.blockChmod777Recursive(),
    policies.blockHistoryWipe(),
    policies.blockCurlPipeShell(),
    policies.blockNpmInstallUnvetted({ vetted: [...vetted_packages], effect: 'ask' }),
    policies.blockPackagePublish(),
    policies.dontForcePush(undefined, { on: ['agent.shell'] }),
    policies.blockGitResetHard(),
    policies.blockGitCleanForce(),
    policies.blockGitDiscard(),
    policies.blockDropDatabase(),
    policies.blockUnfilteredSql(),
    policies.blockDatabaseReset(),
    policies.blockDrizzleForcePush(),
    policies.blockRenameThenDrop(),
    policies.blockUnboundedPiiSelect(),
    policies.blockTerraformDestroy(),
    policies.blockVolumeDelete(),
    policies.blockDestructiveTool({ allowed: [...deleting_tools] }),
    policies.blockApiDelete({ allowed_hosts: [...deletable_hosts] }),
    policies.blockAwsS3RecursiveDelete(),
    policies.blockAwsIamDeleteUser(),
    policies.blockRoute53Destructive(),
    policies.blockKubectlNamespaceDelete(),
    policies.blockDockerPruneVolumes(),
    policies.blockSecretDelete(),
    policies.blockQueueDelete(),
    policies.blockBackupDelete(),
    policies.blockCiDelete(),
    policies.blockSyncDelete(),
    policies.blockReadEnvFile(),
    policies.blockSshKeyRead(),
    policies.blockAwsCredsRead(),
    policies.blockCredentialRead(),
    policies.blockSecretExfiltration(),
    policies.blockDnsExfilDomains(),
    policies.blockWorkflowFileWrite(),
    policies.blockGitignoreEdit(),
    policies.blockSlackMassMessage(),
    policies.blockStripeBulkCancel(),
    policies.blockEmailBulkSend()
  ]
}
