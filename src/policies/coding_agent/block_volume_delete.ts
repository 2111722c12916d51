// What a provider keeps for us is not deleted.
import * as z from 'zod'
import { commandTable, definePolicy, judgeTool } from '../../engine/index.ts'
import { Command, foundIn, ON_SHELL } from './judged.ts'

const TABLE = commandTable({
  'railway volume delete|detach': 'deletes a volume with its data',
  'railway delete|down': 'deletes a project or its deployment',
  'railway service|environment delete': 'deletes a service',
  'fly|flyctl volumes|volume|vol destroy|delete|rm': 'deletes a volume with its data',
  'fly|flyctl apps|app destroy|delete': 'deletes an app',
  'fly|flyctl destroy': 'deletes an app',
  'fly|flyctl machine|machines|m destroy|remove|rm': 'deletes a machine',
  'fly|flyctl postgres|pg|mpg|redis|storage|tigris|extensions ** destroy|detach|delete': 'deletes a database',
  'heroku apps:destroy|pg:reset|addons:destroy|pg:killall|pipelines:destroy|spaces:destroy|redis:reset|domains:clear':
    'deletes an app or its data',
  'render services|postgres|disks delete': 'deletes a service',
  'vercel|vc remove|rm': 'deletes a project or deployment',
  'vercel|vc project|projects|env|storage|store|domains|blob rm|remove|delete': 'deletes a project or what it needs',
  'netlify|ntl sites:delete|blobs:delete|env:unset': 'deletes a site or what it needs',
  'wrangler delete': 'deletes a Worker',
  'wrangler d1|kv|r2|queues|vectorize|hyperdrive|pages|workflows|containers|dispatch-namespace ** delete': 'deletes data at Cloudflare',
  'wrangler kv:namespace|kv:key|kv:bulk delete': 'deletes data at Cloudflare',
  'wrangler d1 time-travel restore': 'overwrites a database',
  'supabase projects|branches delete': 'deletes a project',
  'neon|neonctl projects|branches|databases|roles delete': 'deletes a database',
  'neon|neonctl branches reset|restore': 'overwrites a branch of a database',
  'pscale database|branch|password delete': 'deletes a database',
  'turso db|group|org destroy|delete': 'deletes a database',
  'atlas|mongocli ** delete': 'deletes a cluster or its data',
  'upstash ** delete': 'deletes a database',
  'doctl ** delete|rm|destroy|undeploy': 'deletes at DigitalOcean',
  'hcloud ** delete': 'deletes at Hetzner',
  'linode-cli ** delete|rebuild': 'deletes at Linode',
  'vultr|vultr-cli ** delete|destroy': 'deletes at Vultr',
  'scw ** delete|terminate': 'deletes at Scaleway',
  'ibmcloud ** delete|service-instance-delete|cluster-rm': 'deletes at IBM',
  'oci ** delete|terminate': 'deletes at Oracle',
  'openstack ** delete': 'deletes at OpenStack',
  'gcloud compute|sql|spanner|bigtable|redis|filestore|container|run|functions|app|pubsub|firestore|datastore|dataproc|composer|builds|artifacts|scheduler|tasks|logging|projects|secrets|alloydb|memcache|workflows|services|ai|dataflow ** delete|destroy|clear|purge|reset':
    'deletes at Google Cloud',
  'gcloud services disable': 'switches a service off',
  'bq rm|remove': 'deletes datasets or tables',
  'gcloud projects delete': 'deletes a project',
  'firebase firestore:delete|database:remove|hosting:disable|functions:delete|apps:delete|projects:delete': 'deletes data or functions',
  'aws rds|rds-data delete-*|stop-*': 'deletes a database or what protects it',
  'aws rds modify-* --no-deletion-protection': 'takes the protection of a database off',
  'aws ec2 terminate-*|delete-*|release-*|deregister-*|detach-volume|disassociate-*|revoke-*': 'deletes machines, disks or networks',
  'aws dynamodb delete-table|delete-backup|batch-write-item|delete-item': 'deletes from a table',
  'aws dynamodb ** delete-*': 'deletes from a table',
  'aws eks|ecs|ecr|ecr-public|elasticache|redshift|efs|fsx|lambda|docdb|neptune|opensearch|es|kinesis|firehose|glue|athena|logs|elb|elbv2|autoscaling|batch|backup|cloudfront|apigateway|apigatewayv2|stepfunctions|events|scheduler|emr|sagemaker|apprunner|amplify|lightsail|memorydb|timestream-write|workspaces|codecommit|acm|wafv2|ses|sesv2|pinpoint|appsync|mq|kafka|transfer|quicksight|storagegateway|imagebuilder|ssm|bedrock* delete-*|batch-delete-*|terminate-*|purge-*|deregister-*|remove-*|cancel-*':
    'deletes at AWS',
  'aws lightsail|elasticbeanstalk delete-*|terminate-*': 'deletes at AWS',
  'aws autoscaling|ecs update-* --desired-capacity=0': 'stops every machine',
  'az vm|vmss|disk|snapshot|sql|cosmosdb|postgres|mysql|redis|aks|acr|webapp|functionapp|appservice|network|container|containerapp|servicebus|eventhubs|iot|monitor|backup|image|sig|synapse|kusto|search|cognitiveservices|batch|staticwebapp|resource|lock|managed-cassandra ** delete|deallocate|purge':
    'deletes at Azure',
  'az group|resource delete': 'deletes resources',
  'zpool|zfs destroy|labelclear|rollback': 'destroys a file system or what was written to it',
  'lvremove|vgremove|pvremove *': 'removes volumes with their data',
  'btrfs subvolume delete': 'deletes a subvolume',
  'cryptsetup erase|luksErase|luksFormat': 'makes a disk unreadable',
  'mdadm --zero-superblock': 'takes a disk array apart',
  'ceph osd|fs|pool delete|rm|purge|destroy': 'deletes from a store',
  'ceph osd pool delete|rm': 'deletes from a store',
  'rbd rm|remove|snap': 'deletes from a store',
  'eas|expo ** delete': 'deletes at Expo',
  'shopify theme|app delete': 'deletes at Shopify',
  'convex project|deployment delete': 'deletes a deployment',
  'sanity dataset|documents delete': 'deletes a dataset',
  'contentful space|environment delete': 'deletes a space',
  'algolia ** delete|clear': 'deletes from an index',
  'pinecone|pc index|collection delete': 'deletes an index',
  'elasticdump --delete': 'deletes what it dumps',
  'curator_cli delete_indices|delete-indices': 'deletes indices',
  'meilisearch|typesense ** delete': 'deletes an index',
  'nomad job|namespace|volume stop|purge|delete|deregister': 'stops or deletes a job',
  'nomad stop|system': 'stops a job',
  'consul kv delete': 'deletes keys',
  'juju destroy-*|remove-*|kill-controller': 'destroys what it runs'
})
const REMEDY = 'ask a person to delete it, or look first with a command that only lists'

/** Denies deleting volumes, disks, databases, machines, apps and whole projects by the command lines of cloud providers. */
export const blockVolumeDelete = definePolicy({
  id: 'block_volume_delete',
  title: 'No deleting at cloud providers',
  params: z.strictObject({}),
  reads: Command,
  on: ON_SHELL,
  parses: ['shell'],
  evaluate: (context) => judgeTool(context, foundIn(TABLE, REMEDY), 'nothing is deleted at a provider')
})
