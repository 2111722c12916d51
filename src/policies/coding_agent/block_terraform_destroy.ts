// Infrastructure is taken down by people.
import * as z from 'zod'
import { commandTable, definePolicy, judgeTool } from '../../engine/index.ts'
import { Command, foundIn, ON_SHELL } from './judged.ts'

const TABLE = commandTable({
  'terraform|tofu destroy': 'destroys the infrastructure',
  'terraform|tofu apply --destroy': 'destroys the infrastructure',
  'terraform|tofu apply --auto-approve': 'changes the infrastructure without showing a plan to anybody',
  'terraform|tofu state rm': 'makes Terraform forget what it runs',
  'terraform|tofu state push --force': 'overwrites the state',
  'terraform|tofu force-unlock': 'breaks the lock of somebody who is changing the infrastructure',
  'terraform|tofu workspace delete': 'deletes a workspace with its state',
  'terragrunt destroy|destroy-all': 'destroys the infrastructure',
  'terragrunt run-all|run destroy': 'destroys the infrastructure',
  'terragrunt run ** destroy': 'destroys the infrastructure',
  'terragrunt apply --destroy': 'destroys the infrastructure',
  'pulumi destroy': 'destroys the infrastructure',
  'pulumi down': 'destroys the infrastructure',
  'pulumi stack rm': 'removes a stack with its state',
  'pulumi state delete': 'makes Pulumi forget what it runs',
  'cdk|cdktf destroy': 'destroys the infrastructure',
  'sst remove': 'removes the infrastructure',
  'serverless|sls remove': 'removes the infrastructure',
  'sam delete': 'deletes the infrastructure',
  'aws cloudformation delete-stack*': 'deletes a stack',
  'gcloud deployment-manager deployments delete': 'deletes a deployment',
  'az deployment * delete': 'deletes a deployment',
  'az group delete': 'deletes a resource group with all that is in it',
  'crossplane|kops delete': 'deletes infrastructure',
  'eksctl delete': 'deletes a cluster or parts of it',
  'vagrant destroy': 'destroys the machine',
  'crossplane xpkg delete': 'deletes infrastructure'
})
const REMEDY = 'run `terraform plan`, and leave the change to a person'

/** Denies commands that destroy infrastructure under Terraform, OpenTofu, Terragrunt, Pulumi, CDK, CloudFormation, Ansible or Serverless, and edits of their state that lose track of it. */
export const blockTerraformDestroy = definePolicy({
  id: 'block_terraform_destroy',
  title: 'No terraform destroy',
  params: z.strictObject({}),
  reads: Command,
  on: ON_SHELL,
  parses: ['shell'],
  evaluate: (context) => judgeTool(context, foundIn(TABLE, REMEDY), 'no infrastructure is destroyed')
})
