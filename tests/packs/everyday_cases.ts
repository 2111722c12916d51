// Everyday work of coding agents: nothing of it may be stopped.
import type { ToolCall } from '../../src/engine/index.ts'

const commands = String.raw`
git status
git diff --stat HEAD~1
git log --oneline -20
git add -A
git add src/app.ts tests/app.test.ts
git commit -m "fix: handle an empty cart"
git commit -m "$(cat <<'EOF'\nfix: stop dropping rows\n\nThe old code ran DELETE FROM users without WHERE; rm -rf / is in a string.\nEOF\n)"
git commit --amend --no-edit
git push -u origin agent/fix-cart
git push origin HEAD
git pull --rebase origin main
git fetch --all --prune
git checkout -b agent/fix-cart
git checkout main
git switch -c agent/x
git stash
git stash pop
git stash list
git merge --no-ff agent/x
git rebase main
git cherry-pick abc123
git revert HEAD --no-edit
git reset HEAD src/app.ts
git reset --soft HEAD~1
git restore --staged src/app.ts
git branch -d agent/done
git branch --show-current
git worktree add ../wt agent/x
git worktree remove ../wt
git rm --cached secrets.txt
git rm src/old.ts
git mv src/a.ts src/b.ts
git tag v1.2.3
git show HEAD:package.json
git blame src/app.ts
git bisect start
git submodule update --init --recursive
git clean -n
git config user.name "Agent"
git rev-parse --show-toplevel
git ls-files | wc -l
git grep -n "DROP TABLE"
gh pr create --title "Fix" --body "Removes the rm -rf call"
gh pr view 12 --comments
gh pr checks
gh issue list --state open
gh run watch
gh api repos/acme/app/pulls/12/comments
npm ci
npm install
npm test
npm run build
npm run lint -- --fix
npm run test:unit -- --watch=false
npm outdated
npm ls zod
npm run clean
npm version patch --no-git-tag-version
npm uninstall left-pad
npm pack --dry-run
pnpm install --frozen-lockfile
pnpm -r build
pnpm --filter web dev
pnpm dlx --help
pnpm test -- --run
yarn install --immutable
yarn build && yarn test
bun install
bun test
npx tsc --noEmit
npx eslint . --fix
npx prettier --write .
npx vitest run tests/app.test.ts
npx playwright test
npx prisma generate
npx prisma migrate dev --name add_users
npx prisma studio
npx drizzle-kit generate
npx next build
node scripts/build.ts
node -e "console.log(process.version)"
node -p "require('./package.json').version"
tsx src/index.ts
deno test
python -m pytest -x
python3 -m venv .venv
python3 script.py --help
python3 -c "import sys; print(sys.version)"
python3 -c "import json; print(json.load(open('package.json'))['name'])"
python manage.py migrate
python manage.py test
python -m http.server 8000
pip install -r requirements.txt
pip install -e .
pip list
uv sync
uv run pytest
poetry install
ruff check --fix .
black .
mypy src
cargo build --release
cargo test
cargo clippy -- -D warnings
cargo fmt
go build ./...
go test ./...
go mod tidy
make
make test
make clean
cmake -B build && cmake --build build
mvn test
./gradlew build
./mvnw clean package
bundle install
bundle exec rspec
bin/rails test
rails db:migrate
mix test
composer install
php artisan test
dotnet build
dotnet test
swift build
flutter test
terraform init
terraform plan -out plan.out
terraform fmt -recursive
terraform validate
terraform show plan.out
terraform state list
pulumi preview
cdk diff
ansible-playbook site.yml --check
kubectl get pods -n prod
kubectl describe pod web-1
kubectl logs -f deploy/web
kubectl apply -f k8s/ --dry-run=server
kubectl rollout status deploy/web
kubectl port-forward svc/web 8080:80
kubectl exec -it web-1 -- ls /app
kubectl config current-context
helm lint chart
helm template chart
helm upgrade --install web chart -n dev
docker build -t app .
docker compose up -d
docker compose down
docker compose logs -f web
docker compose exec web npm test
docker ps -a
docker images
docker run --rm -v "$PWD:/app" -w /app node:22 npm test
docker rm -f test-db
docker exec db psql -U app -c "SELECT count(*) FROM users"
docker image prune
aws s3 ls s3://bucket
aws s3 cp dist s3://bucket/ --recursive
aws sts get-caller-identity
aws logs tail /aws/lambda/x --follow
aws ec2 describe-instances
gcloud projects list
gcloud run deploy web --source .
az account show
vercel deploy
fly deploy
wrangler dev
wrangler deploy
heroku logs --tail
psql -c "SELECT 1"
psql "$DATABASE_URL" -c "SELECT id, total FROM orders WHERE id = 7"
psql -c "\\d users"
psql -f migrations/001.sql
psql -c "INSERT INTO notes (body) VALUES ('DROP TABLE users')"
psql -c "UPDATE users SET name = 'x' WHERE id = 1"
psql -c "DELETE FROM sessions WHERE expires_at < now()"
psql -c "CREATE TABLE t (id int)"
mysql -e "SHOW TABLES"
sqlite3 app.db ".schema"
sqlite3 app.db "SELECT name FROM products LIMIT 5"
redis-cli ping
redis-cli get user:1
mongosh --eval "db.users.countDocuments()"
pg_dump shop > backup.sql
createdb shop_test
rm -rf node_modules
rm -rf node_modules package-lock.json && npm install
rm -rf dist build coverage
rm -rf ./dist/*
rm -rf .next .turbo .cache
rm -rf packages/web/dist
rm -rf target/debug
rm -rf __pycache__ .pytest_cache
rm -rf /tmp/scratch
rm -rf "$TMPDIR/x"
rm -f src/old.ts
rm src/a.ts src/b.ts
rm -rf tmp/*
find . -name "*.pyc" -delete
find . -name node_modules -prune -o -name "*.ts" -print
find . -type d -name __pycache__ -exec rm -rf {} +
find src -name "*.test.ts" | xargs wc -l
ls -la
cat package.json
cat src/app.ts | head -50
head -100 README.md
tail -f logs/dev.log
grep -rn "TODO" src
rg "password" src/auth
rg -l 'rm -rf' scripts
sed -n '1,80p' src/app.ts
sed -i 's/foo/bar/g' src/app.ts
awk '{print $1}' data.csv
jq '.scripts' package.json
wc -l src/*.ts
diff a.txt b.txt
tree -L 2 -I node_modules
mkdir -p src/components
touch src/new.ts
cp src/a.ts src/b.ts
cp -r templates/basic app
cp .env.example .env
mv src/a.ts src/lib/a.ts
ln -s ../shared shared
chmod +x scripts/run.sh
chmod 644 config.json
chown -R node:node dist
tar czf release.tgz dist
tar xzf release.tgz -C /tmp/x
unzip a.zip -d /tmp/a
curl -s https://api.example.com/health
curl -fsSL https://example.com/a.json -o a.json
curl -X POST http://localhost:3000/api/items -H "Content-Type: application/json" -d '{"name":"x"}'
curl -X DELETE http://localhost:3000/api/items/1
curl -s localhost:9200/_cat/indices
curl -H "Authorization: Bearer $TOKEN" https://api.github.com/user
wget https://example.com/data.csv
http GET localhost:3000/health
source .venv/bin/activate
source .env && npm start
set -a; . ./.env; set +a; npm run dev
export NODE_ENV=test
NODE_ENV=test npx vitest run
PORT=3001 npm start
echo "rm -rf /" > notes.txt
echo 'DROP DATABASE shop;' >> docs/warning.md
printf '%s\\n' "terraform destroy"
cat > src/a.ts <<'EOF'\nimport { rm } from 'node:fs/promises'\nawait rm('x', { recursive: true })\nEOF
cat <<EOF > scripts/reset.sh\n#!/bin/sh\nprisma migrate reset --force\nEOF
tee config.json <<'EOF'\n{"command":"git reset --hard"}\nEOF
# git push --force would be wrong here
which node && node --version
command -v docker
type git
man rm
history | tail -20
env | grep NODE
printenv PATH
ps aux | grep node
lsof -i :3000
kill 12345
kill -9 12345
pkill -f "vite dev"
timeout 60 npm test
time npm run build
nohup npm run dev > dev.log 2>&1 &
(cd web && npm test)
for f in src/*.ts; do wc -l "$f"; done
for i in 1 2 3; do npm test || break; done
while ! curl -sf localhost:3000; do sleep 1; done
if [ -f package.json ]; then npm test; fi
test -f .env || cp .env.example .env
[[ -d dist ]] && ls dist
ssh -T git@github.com
ssh staging 'systemctl status web'
rsync -av dist/ staging:/srv/app/
scp dist.tgz staging:/tmp/
openssl rand -hex 32
date -u +%Y-%m-%dT%H:%M:%SZ
uname -a
df -h
du -sh node_modules
xargs -n1 echo < list.txt
code --version
claude --version
npx enact policy list
npx enact receipts list
systemctl status nginx
journalctl -u web -n 100
crontab -l
brew list
apt-cache policy nodejs
sudo apt-get update
pre-commit run --all-files
act -l
$PYTHON -m pytest
"$JAVA_HOME/bin/java" -version
`

/** Shell commands; a line break inside one is written \n. */
export const COMMANDS: readonly string[] = commands
  .trim()
  .split('\n')
  .map((line) => line.replaceAll('\\n', '\n'))

/** Other tools. */
export const TOOLS: readonly ToolCall[] = [
  { tool_name: 'Read', tool_input: { file_path: '/home/ada/app/src/app.ts' } },
  { tool_name: 'Read', tool_input: { file_path: '.env.example' } },
  { tool_name: 'Read', tool_input: { file_path: '/home/ada/app/.github/workflows/ci.yml' } },
  { tool_name: 'Read', tool_input: { file_path: 'enact.config.ts' } },
  { tool_name: 'Write', tool_input: { file_path: 'src/new.ts', content: 'export const sql = "DROP TABLE users"' } },
  { tool_name: 'Write', tool_input: { file_path: 'scripts/clean.sh', content: '#!/bin/sh\nrm -rf /\n' } },
  { tool_name: 'Edit', tool_input: { file_path: 'src/app.ts', old_string: 'a', new_string: 'git reset --hard' } },
  { tool_name: 'MultiEdit', tool_input: { file_path: 'src/app.ts', edits: [{ old_string: 'a', new_string: 'b' }] } },
  { tool_name: 'NotebookEdit', tool_input: { notebook_path: 'a.ipynb', new_source: 'print(1)' } },
  { tool_name: 'Glob', tool_input: { pattern: '**/*.ts' } },
  { tool_name: 'Grep', tool_input: { pattern: 'rm -rf', path: 'scripts' } },
  { tool_name: 'Grep', tool_input: { pattern: 'password', path: 'src' } },
  { tool_name: 'LS', tool_input: { path: '/home/ada/app' } },
  { tool_name: 'WebFetch', tool_input: { url: 'https://docs.python.org/3/library/shutil.html', prompt: 'how does rmtree work?' } },
  { tool_name: 'WebSearch', tool_input: { query: 'terraform destroy all resources' } },
  { tool_name: 'TodoWrite', tool_input: { todos: [{ content: 'run git push --force never', status: 'pending' }] } },
  { tool_name: 'Task', tool_input: { prompt: 'find out who calls rm -rf', description: 'search' } },
  { tool_name: 'mcp__github__create_pull_request', tool_input: { title: 'Fix', body: 'drop table users', base: 'main', head: 'agent/x' } },
  { tool_name: 'mcp__postgres__query', tool_input: { sql: 'SELECT id FROM orders WHERE id = 1' } },
  { tool_name: 'mcp__supabase__execute_sql', tool_input: { query: 'SELECT count(*) FROM orders' } },
  { tool_name: 'mcp__filesystem__read_text_file', tool_input: { path: 'src/app.ts' } },
  { tool_name: 'mcp__linear__create_issue', tool_input: { title: 'Stop running terraform destroy', description: 'rm -rf ~' } },
  { tool_name: 'apply_patch', tool_input: { input: '*** Begin Patch\n*** Update File: src/app.ts\n@@\n-a\n+b\n*** End Patch' } },
  { tool_name: 'shell', tool_input: { command: ['bash', '-lc', 'npm test'] } },
  { tool_name: 'run_shell_command', tool_input: { command: 'npm run build', directory: 'web' } },
  { tool_name: 'str_replace_based_edit_tool', tool_input: { command: 'view', path: 'src/app.ts' } },
  { tool_name: 'get_weather', tool_input: { city: 'Berlin' } }
]
