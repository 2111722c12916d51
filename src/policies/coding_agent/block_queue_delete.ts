// Messages and their places are not deleted.
import * as z from 'zod'
import { commandTable, definePolicy, judgeTool } from '../../engine/index.ts'
import { Command, foundIn, ON_SHELL } from './judged.ts'

const TABLE = commandTable({
  'nats * del|delete|rm|rmm|purge': 'deletes or empties at NATS',
  'rabbitmqctl delete_*|purge_*|clear_*|remove_*|force_*|forget_*': 'deletes from the broker',
  'aws sqs delete-*|purge-queue': 'deletes a queue or its messages',
  'aws sns delete-*|unsubscribe|remove-permission|opt-*': 'deletes a topic or a subscription',
  'aws kinesis|firehose|mq|kafka|events delete-*|remove-*': 'deletes a stream',
  'kafka-topics|kafka-topics.sh --delete': 'deletes a topic',
  'kafka-topics|kafka-topics.sh ** --delete': 'deletes a topic',
  'kafka-topics|kafka-topics.sh --alter': 'changes what a topic keeps',
  'rabbitmq-plugins disable': 'switches a part of the broker off',
  'kafka-consumer-groups|kafka-consumer-groups.sh --delete': 'deletes a group of consumers',
  'kafka-consumer-groups|kafka-consumer-groups.sh --delete-offsets': 'deletes the places of consumers',
  'kafka-consumer-groups|kafka-consumer-groups.sh --reset-offsets --execute': 'moves the places of consumers',
  'kafka-delete-records|kafka-delete-records.sh --offset-json-file': 'deletes messages',
  'kafka-acls|kafka-acls.sh --remove': 'takes rights away',
  'kafka-configs|kafka-configs.sh --alter': 'changes what a topic keeps',
  'kafka-streams-application-reset|kafka-streams-application-reset.sh --application-id': 'deletes the state of an application',
  'kafka-storage|kafka-storage.sh format': 'formats the store',
  'kafka-leader-election|kafka-reassign-partitions|kafka-reassign-partitions.sh --execute': 'moves partitions',
  'kafkactl|kcat|rpk|kaf ** delete|trim-prefix': 'deletes a topic',
  'confluent ** delete': 'deletes at Confluent',
  'rabbitmqadmin delete|purge|close': 'deletes or empties a queue',
  'rabbitmqctl delete_*|purge_queue|reset|force_reset|clear_*|stop_app|stop|shutdown|close_all_connections|forget_cluster_node':
    'deletes from the broker',
  'rabbitmq-queues|rabbitmq-streams delete_*|shrink': 'deletes from the broker',
  'nats stream|consumer|kv|object|obj|bucket|str|con|service|account delete|del|rm|rmm|purge|remove': 'deletes or empties a stream',
  'nats stream|str|consumer edit|seal': 'changes what a stream keeps',
  'nsc delete': 'deletes an account',
  'gcloud pubsub ** delete': 'deletes a topic or subscription',
  'gcloud pubsub subscriptions seek': 'moves the place of a subscriber',
  'pulsar-admin ** delete|terminate|clear-backlog|truncate|unload': 'deletes a topic',
  'az servicebus|eventhubs|storage ** delete|clear': 'deletes a queue',
  'celery ** purge': 'empties every queue',
  'sidekiq|sidekiqctl clear': 'empties queues',
  'mosquitto_ctrl ** delete*|remove*': 'deletes from the broker',
  'beanstool|beanstalk-cli kick|delete': 'deletes messages'
})
const REMEDY = 'look with a command that only lists, or ask a person'

/** Denies deleting or purging topics, queues, streams and subscriptions: Kafka, RabbitMQ, NATS, SQS, SNS, Pub/Sub and others. */
export const blockQueueDelete = definePolicy({
  id: 'block_queue_delete',
  title: 'No deleting of queues',
  params: z.strictObject({}),
  reads: Command,
  on: ON_SHELL,
  parses: ['shell'],
  evaluate: (context) => judgeTool(context, foundIn(TABLE, REMEDY), 'no queue is deleted')
})
