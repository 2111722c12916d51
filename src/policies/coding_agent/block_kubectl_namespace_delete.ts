// What a cluster runs is not deleted wholesale.
import * as z from 'zod'
import { commandTable, definePolicy, judgeTool } from '../../engine/index.ts'
import { Command, foundIn, ON_SHELL } from './judged.ts'

const TABLE = commandTable({
  'kubectl|oc|k delete namespace|namespaces|ns|namespace/*|ns/*|namespaces/*|*,namespace*|*,ns*':
    'deletes a namespace with all that is in it',
  'kubectl|oc|k delete project|projects': 'deletes a project with all that is in it',
  'kubectl|oc|k delete pv|pvc|persistentvolume*|pv/*|pvc/*|storageclass*|volumesnapshot*|statefulset*|sts|sts/*': 'deletes what holds data',
  'kubectl|oc|k delete crd|crds|customresourcedefinition*|crd/*|clusterrole*|clusterrolebinding*|node|nodes|node/*':
    'deletes what the whole cluster uses',
  'kubectl|oc|k delete all': 'deletes everything of a namespace',
  'kubectl|oc|k delete $*': 'deletes what only the shell will know',
  'kubectl|oc|k delete --all': 'deletes everything of a kind',
  'kubectl|oc|k delete --all-namespaces/-A': 'deletes in every namespace',
  'kubectl|oc|k delete deployment*|deploy|deploy/*|service|services|svc|svc/*|service/*|ingress*|secret*|configmap*|cm|cm/*|daemonset*|ds|cronjob*|job|jobs|rs|replicaset*':
    'deletes what runs',
  'kubectl|oc|k delete -f/--filename': 'deletes what a file describes',
  'kubectl|oc|k delete -k/--kustomize': 'deletes what a folder describes',
  'kubectl|oc|k delete --selector/-l': 'deletes whatever carries a label',
  'kubectl|oc|k drain': 'takes a node out of service',
  'kubectl|oc|k replace --force': 'deletes what it replaces',
  'kubectl|oc|k apply --prune': 'deletes what is not in the files',
  'kubectl|oc|k scale --replicas=0': 'stops everything of a deployment',
  'helm delete|uninstall|del': 'deletes a release',
  'helm3 delete|uninstall': 'deletes a release',
  'helmfile destroy|delete': 'deletes releases',
  'kustomize delete': 'deletes what a folder describes',
  'argocd app|proj|cluster|repo delete|rm': 'deletes an application',
  'flux delete|uninstall': 'deletes what it manages',
  'kind|k3d|minikube delete': 'deletes a cluster',
  'kubeadm reset': 'takes the cluster down',
  'k3s-uninstall.sh|rke2-uninstall.sh': 'takes the cluster down',
  'talosctl reset': 'wipes a node'
})
const REMEDY = 'delete one named pod, or ask a person'

/** Denies deleting namespaces, volumes, claims, custom resources, nodes, or everything of a kind in a cluster, and uninstalling releases. */
export const blockKubectlNamespaceDelete = definePolicy({
  id: 'block_kubectl_namespace_delete',
  title: 'No deleting of namespaces',
  params: z.strictObject({}),
  reads: Command,
  on: ON_SHELL,
  parses: ['shell'],
  evaluate: (context) => judgeTool(context, foundIn(TABLE, REMEDY), 'no namespace and nothing of its kind is deleted')
})
