// The programs that run another program: which of their options take a value, and what stands before the program.

/** How to find the program inside. */
export interface Wrapper {
  /** Options that take their value in the next word. */
  readonly valued?: string
  /** Words that stand before the program: a host, a container, a number of seconds. */
  readonly operands?: number
  /** `NAME=value` words before the program set variables. */
  readonly assigns?: true
  /** The program stands only after `--`. */
  readonly dashes?: true
  /** What comes is one text that a shell reads again. */
  readonly reads?: true
  /** Options whose value is a script. */
  readonly scripts?: string
  /** The program comes with no option of its own before it, so that the first word is its name. */
  readonly packaged?: true
}

const DOCKER_RUN =
  '-e --env --env-file -v --volume -w --workdir -u --user -p --publish --name --network --net -l --label --mount -m --memory --cpus --entrypoint -h --hostname --platform --gpus --add-host --cap-add --cap-drop --device --dns --ip --link --log-driver --log-opt --pid --restart --security-opt --shm-size --tmpfs --ulimit --userns --volumes-from --pull --index -f --file --project-name --profile'
const DOCKER_EXEC = '-e --env --env-file -u --user -w --workdir --detach-keys --index'
const KUBECTL =
  '-n --namespace -c --container --context --kubeconfig --cluster --user -l --selector --pod-running-timeout --image -f --filename'

/** By program, or by program and subcommand. */
export const WRAPPERS: Readonly<Record<string, Wrapper>> = {
  sudo: { valued: '-u -g -h -p -C -r -t -T -U -D -R --user --group --host --prompt --chdir', assigns: true },
  doas: { valued: '-u -C' },
  env: { valued: '-u -C --unset --chdir', assigns: true },
  nice: { valued: '-n --adjustment' },
  ionice: { valued: '-c -n -p' },
  chrt: { operands: 1 },
  taskset: { valued: '-c --cpu-list', operands: 1 },
  nohup: {},
  setsid: {},
  command: {},
  builtin: {},
  exec: { valued: '-a' },
  time: { valued: '-f -o' },
  timeout: { valued: '-k -s --kill-after --signal', operands: 1 },
  gtimeout: { valued: '-k -s --kill-after --signal', operands: 1 },
  stdbuf: { valued: '-i -o -e' },
  unbuffer: {},
  xargs: { valued: '-I -i -n -P -L -s -d -E -a --max-args --max-procs --delimiter --arg-file' },
  watch: { valued: '-n --interval' },
  parallel: { valued: '-j -n -N -I -a --jobs --arg-file' },
  busybox: {},
  toybox: {},
  flock: { valued: '-w -E', operands: 1 },
  chroot: { valued: '--userspec --groups', operands: 1 },
  unshare: { valued: '-S -G --setuid --setgid' },
  nsenter: { valued: '-t -S -G --target' },
  strace: { valued: '-e -o -p -s -u' },
  ltrace: { valued: '-e -o -p -s -u' },
  caffeinate: { valued: '-t -w' },
  proxychains: { valued: '-f' },
  proxychains4: { valued: '-f' },
  'systemd-run': { valued: '-u -p --unit --property --uid --gid' },
  firejail: {},
  fakeroot: {},
  entr: {},
  ssh: {
    valued: '-b -c -D -E -e -F -I -i -J -L -l -m -O -o -p -Q -R -S -W -w',
    operands: 1,
    reads: true
  },
  sshpass: { valued: '-p -f' },
  dotenv: { valued: '-e -c -v -f', packaged: true },
  npx: { valued: '-p --package --node-options', scripts: '-c --call', packaged: true },
  bunx: { packaged: true },
  uvx: { valued: '--from --with --python', packaged: true },
  pipx: { operands: 1 },
  'npm exec': { valued: '-p --package -w --workspace', scripts: '-c --call', packaged: true },
  'npm x': { valued: '-p --package', scripts: '-c --call', packaged: true },
  'pnpm exec': { packaged: true },
  'pnpm dlx': { valued: '--package', packaged: true },
  'yarn exec': { packaged: true },
  'yarn dlx': { valued: '-p --package', packaged: true },
  'bun x': { packaged: true },
  'poetry run': {},
  'pipenv run': {},
  'uv run': { valued: '--with --python -p --env-file --project --directory --extra --group' },
  'bundle exec': {},
  'mise exec': { dashes: true },
  'nix develop': { scripts: '-c --command' },
  'nix-shell': { scripts: '--run --command' },
  'doppler run': { valued: '-p -c --project --config', scripts: '--command', dashes: true },
  'op run': { valued: '--env-file', dashes: true },
  'infisical run': { dashes: true },
  'aws-vault exec': { operands: 1 },
  'railway run': { valued: '-s -e --service --environment' },
  'fly ssh': { scripts: '-C --command' },
  'flyctl ssh': { scripts: '-C --command' },
  'heroku run': { valued: '-a --app -s --size -r --remote' },
  'vagrant ssh': { scripts: '-c --command' },
  'gcloud compute ssh': { scripts: '--command' },
  'docker exec': { valued: DOCKER_EXEC, operands: 1 },
  'docker run': { valued: DOCKER_RUN, operands: 1 },
  'docker container exec': { valued: DOCKER_EXEC, operands: 1 },
  'docker container run': { valued: DOCKER_RUN, operands: 1 },
  'docker compose exec': { valued: DOCKER_EXEC, operands: 1 },
  'docker compose run': { valued: DOCKER_RUN, operands: 1 },
  'docker-compose exec': { valued: DOCKER_EXEC, operands: 1 },
  'docker-compose run': { valued: DOCKER_RUN, operands: 1 },
  'podman exec': { valued: DOCKER_EXEC, operands: 1 },
  'podman run': { valued: DOCKER_RUN, operands: 1 },
  'nerdctl exec': { valued: DOCKER_EXEC, operands: 1 },
  'kubectl exec': { valued: KUBECTL, operands: 1 },
  'kubectl run': { valued: KUBECTL, dashes: true },
  'kubectl debug': { valued: KUBECTL, dashes: true },
  'oc exec': { valued: KUBECTL, operands: 1 },
  'oc rsh': { valued: KUBECTL, operands: 1 },
  'lxc exec': { operands: 1 },
  'incus exec': { operands: 1 },
  'tmux new-session': { valued: '-s -n -c -x -y -t -e -F', reads: true },
  'tmux new': { valued: '-s -n -c -x -y -t -e -F', reads: true },
  'tmux new-window': { valued: '-n -c -t -e -F', reads: true },
  'tmux send-keys': { valued: '-t -N', reads: true },
  'tmux send': { valued: '-t -N', reads: true },
  screen: { valued: '-S -c -e -h -p -s -t' },
  su: { scripts: '-c --command' },
  runuser: { scripts: '-c --command' },
  script: { scripts: '-c --command' },
  cmd: { scripts: '/c /k /C /K' },
  wsl: {}
}

/** Options of a program that stand before its subcommand and take a value in the next word. */
export const BEFORE_SUBCOMMAND: Readonly<Record<string, string>> = {
  docker: '-H --host --context -c --config -l --log-level -f --file -p --project-name --profile --env-file --project-directory',
  'docker-compose': '-f --file -p --project-name --profile --env-file --project-directory',
  podman: '--connection -c --url --log-level',
  nerdctl: '-n --namespace -a --address',
  kubectl: KUBECTL + ' -s --server --token --as --request-timeout -v',
  oc: KUBECTL,
  helm: '-n --namespace --kube-context --kubeconfig',
  aws: '--region --profile --output --endpoint-url --query --color --ca-bundle --cli-read-timeout --cli-connect-timeout',
  gcloud: '--project --account --configuration --format --verbosity --impersonate-service-account --billing-project',
  gsutil: '-o -h -u -i',
  bq: '--project_id --dataset_id --location --format',
  az: '--subscription --output -o --query --resource-group -g --name -n',
  gh: '-R --repo --hostname',
  git: '-C -c --git-dir --work-tree --namespace --config-env --super-prefix --attr-source --exec-path',
  terraform: '',
  tofu: '',
  pulumi: '-C --cwd -s --stack --color',
  fly: '-a --app -c --config -t --access-token',
  flyctl: '-a --app -c --config -t --access-token',
  heroku: '-a --app -r --remote',
  vercel: '--cwd -S --scope -t --token -A --local-config -Q --global-config',
  wrangler: '-c --config -e --env --cwd',
  supabase: '--workdir --project-ref --db-url',
  npm: '--prefix -C -w --workspace --registry --loglevel',
  pnpm: '-C --dir -F --filter --prefix -w',
  yarn: '--cwd',
  bun: '--cwd',
  redis: '',
  systemctl: '-t --type -p --property -H --host -M --machine',
  vault: '-address -namespace',
  consul: '-http-addr -token',
  etcdctl: '--endpoints --user',
  doppler: '--token --scope -t --configuration',
  op: '--account --vault --session',
  restic: '-r --repo -p --password-file --repository-file -o --option',
  borg: '',
  rclone: '--config',
  velero: '-n --namespace --kubeconfig --kubecontext',
  nats: '-s --server --user --password --creds --context',
  rabbitmqadmin: '-H --host -P --port -u --username -p --password -V --vhost',
  rabbitmqctl: '-n --node -t --timeout',
  stripe: '--api-key --project-name',
  railway: '-s -e --service --environment',
  neonctl: '--project-id --api-key --context-file',
  neon: '--project-id --api-key --context-file',
  doctl: '-t --access-token -c --config --context -o --output',
  tmux: '-L -S -f',
  make: '-C -f -j'
}
