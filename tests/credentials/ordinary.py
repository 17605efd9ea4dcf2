"""Ordinary lines that look dangerous and aren't: what the rules should leave alone.

Some hundred were written by hand; the others are made from the shapes that fill real logs: hashes, identifiers, lock
files, pictures, styles, addresses of machines, placeholders, names without values. The same list comes out every time.
"""

from __future__ import annotations

import base64
import hashlib
import random
import uuid
from collections.abc import Iterator

_HEX = "0123456789abcdef"
_WORDS = tuple(
    """alpha beta canvas delta engine filter garden handler import jacket kernel layout module number object parser
    query render signal table update value window yellow zone token secret password access private public session key
    auth""".split()  # noqa: SIM905
)
SEED = 4711
EACH = 14
"""Lines of every made shape."""

_BY_HAND = r"""
export ANTHROPIC_API_KEY=sk-ant-...
OPENAI_API_KEY=sk-...
OPENAI_API_KEY=your-api-key-here
OPENAI_API_KEY=<your key>
OPENAI_API_KEY="your-api-key-here-1234"
api_key: "YOUR_API_KEY_1"
apiKey: "process.env.API_KEY_1"
apiKey: process.env.STRIPE_KEY_2,
const apiKey = config.get("apiKey2");
const token = await getToken({ id: 12 });
token = jwt.encode(payload, key, algorithm="HS256")
let password = form.password2.value;
password = os.environ["DB_PASSWORD_1"]
password = getpass.getpass("Password 2: ")
password: str = Field(min_length=8, max_length=64)
password: string | null;
password: z.string().min(8).max(128),
password: yup.string().required("Required 1"),
password=password1_from_form
password=${DB_PASSWORD}
password={{ db_password_2 }}
password: !vault |
password: "must be at least 8 characters"
"password": "Password must contain 1 digit"
"password": "********"
password: ''
password: changeme
PASSWORD_MIN_LENGTH=12345678901234
MAX_TOKENS=100000
MAX_TOKEN=4096000000000
TOKEN_LIMIT=200000
max_tokens: 4096, temperature: 0.7
tokens: 12,345 in / 6,789 out
GITHUB_TOKEN=${{ secrets.GITHUB_TOKEN }}
GITHUB_TOKEN: ${{ secrets.GITHUB_TOKEN }}
env: GITHUB_TOKEN, NPM_TOKEN, AWS_SECRET_ACCESS_KEY
DB_PASSWORD=
DB_PASSWORD=$(cat /run/secrets/db)
DB_PASSWORD=$DB_PASSWORD_2
PGPASSWORD=$PGPASSWORD psql -h db
PGPASSWORD="$DB_PASS" psql -U app
PGPASSWORD=postgres psql -U postgres
PGPASSWORD=${POSTGRES_PASSWORD:-postgres} pg_dump
sshpass -p "$PASS" ssh host
sshpass -f /root/.pass ssh host
sshpass -p <password> ssh host
mysql -u root -p app < dump.sql
mysql -u root -p"$MYSQL_PASSWORD" app
mysql -p3306 -h db
mysql -h db -P 3306 -u root -p
mysqldump --password=$PW app
curl -u "$USER:$TOKEN" https://api.softmail.com
curl -u user:pass https://httpbin.org/basic-auth/user/pass
curl -u user:password https://api.softmail.com
curl -u username:$GITHUB_TOKEN https://api.github.com
curl -H "Authorization: Bearer $TOKEN" https://x
curl -H "Authorization: Bearer <token>" https://x
curl -H 'X-Api-Key: $API_KEY' https://x
X-Api-Key: <your-api-key>
X-Api-Key: YOUR_API_KEY
X-Api-Key header is required (401)
x-api-key: string
Authorization: Bearer eyJ...
Authorization: Bearer {token}
Authorization: Basic <base64>
Authorization: Basic ${btoa(user + ":" + pass)}
WWW-Authenticate: Basic realm="Access to the staging site 2"
The bearer of this news was late.
Bearer authentication-scheme-described-in-rfc6750
use a Bearer token, 32 characters long
git@github.com:softmail/molting.git
ssh root@host
ssh root@10.0.0.5
ssh deploy@srv-01
scp file.txt ubuntu@ec2-host:/tmp
root@host:~# ls -la
root@1f2e3d4c5b6a:/app# npm test
bob@laptop:~/src$ make
user@host is no address
root@localhost.localdomain
ssh root@vps-12.softmail.com
ssh -i ~/.ssh/id_ed25519 -p 2222 deploy@srv-01.softmail.com uptime
scp a.tgz ubuntu@ec2-1-2-3-4.compute.amazonaws.com:/tmp
rsync -av dist/ www-data@web.softmail.com:/var/www
root@vps-12.softmail.com:~# systemctl restart nginx
deploy@srv-01.softmail.com:/srv/app$ ls
ProxyJump: jump@bastion.softmail.com:22
root@db.softmail.com
Host key of root@git.softmail.com has changed
joao@molting:~/molting$ git status
PS1='\u@\h:\w\$ '
npm i @types/node@20.11.5 react@18.2.0
uses: actions/checkout@v4
icon@2x.png and icon@3x.png
@font-face { font-family: "Inter"; }
postgres://postgres:postgres@localhost:5432/app
postgres://user:password@localhost/db
postgres://user:<password>@localhost/app
postgres://user:***@localhost/app
postgresql://$DB_USER:$DB_PASS@$DB_HOST/app
mongodb://localhost:27017/app
mongodb://root:example@mongo:27017/
redis://localhost:6379/0
redis://redis:6379
amqp://guest:guest@rabbitmq:5672
mysql://root:root@127.0.0.1:3306/test
jdbc:postgresql://localhost:5432/app
jdbc:postgresql://db:5432/app?user=app&password=${DB_PASSWORD}
jdbc:mysql://localhost:3306/app?useSSL=false&allowPublicKeyRetrieval=true
jdbc:h2:mem:testdb;DB_CLOSE_DELAY=-1
Server=db;Database=x;User Id=sa;Password=<password>;
Server=db;Database=x;User Id=sa;Password=${SA_PASSWORD};
https://user:password@host.softmail.com/path
https://softmail.com:8443/@me
http://localhost:3000/@vite/client
https://medium.com/@someone/a-post-1a2b3c4d5e6f
https://www.npmjs.com/package/@babel/core/v/7.23.9
https://x.softmail.com/reset?token=<token>
https://x.softmail.com/?api_key=YOUR_API_KEY
GET /items?page_token=abc&limit=100
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
AWS_SESSION_TOKEN=
AWS_SESSION_TOKEN=$(aws sts get-session-token --query Credentials.SessionToken)
arn:aws:iam::123456789012:role/service-role/AWSLambdaBasicExecutionRole
arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-a1B2c3
projects/123/secrets/db-password/versions/latest
AccountKey=<account key>;EndpointSuffix=core.windows.net
https://loja.blob.core.windows.net/c?sv=2024-01-01&sig=<signature>
AZURE_CLIENT_ID=00000000-0000-0000-0000-000000000000
AZURE_CLIENT_SECRET=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
ghp_XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX
ghp_REDACTED_GITHUB_TOKEN_REDACTED_GITHUB_TOKEN
ghp_*** and gho_*** are masked in the log
REDACTED_ANTHROPIC_KEY
sk-ant-api03-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
sk-proj-YOUR_KEY_GOES_IN_HERE_PLEASE
sk-proj-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
sk-your-openai-key
the pattern is sk-[A-Za-z0-9]{48}
regex: /ghp_[A-Za-z0-9]{36}/g
pattern = r"AKIA[0-9A-Z]{16}"
glpat-xxxxxxxxxxxxxxxxxxxx
hf_hub_download(repo_id="softmail/tiny", filename="x")
hf_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
xoxb-your-token-goes-here
xoxb-xxxxxxxxxxxx-xxxxxxxxxxxx-xxxxxxxxxxxxxxxxxxxxxxxx
https://hooks.slack.com/services/T000/B000/XXXX
https://hooks.slack.com/services/TXXXXXXXX/BXXXXXXXX/XXXXXXXXXXXXXXXXXXXXXXXX
https://discord.com/api/webhooks/<id>/<token>
https://discord.com/api/webhooks/123456789012345678/xxxxxxxxxxxxxxxxxxxxxxxxxxxx
pk_live_ keys are public; sk_live_ keys aren't
sk_test_xxxxxxxxxxxxxxxxxxxx
whsec_...
SG.Some.Name
SG.xxxxxxxxxxxxxxxxxxxxxx.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
dapi is the prefix of a Databricks token
dapi_version: 2024061500000000
glsa_ and glc_ tokens belong to Grafana
lin_api_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
PMAK-... is Postman's form
hvs.<token>
AGE-SECRET-KEY-1... stays on the machine
PrivateKey = <private key>
PublicKey = <server public key>
-----BEGIN PUBLIC KEY-----
-----BEGIN CERTIFICATE-----
-----BEGIN OPENSSH PRIVATE KEY----- is how such a file begins
if "-----BEGIN RSA PRIVATE KEY-----" in text:
    1: -----BEGIN PRIVATE KEY-----
ssh-keygen -t ed25519 -C "joao@laptop"
Generating public/private ed25519 key pair.
SHA256:0e5Xh1Vb7q9wYt3u6KzL2mN4pR8sT1vW5xY7zA9bC3d joao@laptop (ED25519)
eyJhbGciOiJIUzI1NiJ9 is a header alone
//registry.npmjs.org/:_authToken=${NPM_TOKEN}
//registry.npmjs.org/:_authToken=<token>
_auth=${NPM_AUTH}
"auth": "oauth2"
"auth": "required"
"auth": { "type": "bearer2" }
auth: AuthService = Depends(get_auth_service_2)
machine api.softmail.com login <user> password <password>
The machine has a login and a password prompt
db:5432:app:app:*
localhost:5432:app
127.0.0.1:8080:80
- "5432:5432"
12:30:45:678:900
node:internal:modules:cjs:loader:1143
docker login -u bob --password-stdin
docker run -e MYSQL_ROOT_PASSWORD=secret mysql:8
docker run -e POSTGRES_PASSWORD=postgres postgres:16
docker run -p 8080:80 -v /a:/b nginx:1.25
ENV PASSWORD_FILE /run/secrets/db_password_1
ENV NODE_ENV production
ENV PATH /usr/local/bin:$PATH
ARG NPM_TOKEN
POSTGRES_PASSWORD_FILE: /run/secrets/pg_1
password_hash: sha256
password_field: input_2
secret_name: db-credentials-v2
secretName: tls-secret-2024
secretKeyRef: { name: db, key: password1 }
kind: Secret
tokenizer: tiktoken cl100k_base
token_type: bearer
tokens_per_second: 1234567
keyboard: us-intl-2
key: value1
key=value2
primary_key=True, unique=True, index=2
foreign key (user_id) references users (id)
cacheKey: `user:${id}:profile2`
cache_key = f"session:{user_id}:v2"
sortKey=created_at2
storageKey: "app.settings.v2"
localStorage.getItem("auth_token_v2")
localStorage.setItem('access_token', data.token)
router.push("/reset-password/step-2")
href="/account/password?step=2"
<label for="password">Password 2</label>
<input type="password" name="password2" id="password2" autocomplete="new-password">
<password>${db.password}</password>
input[type="password"]:focus { color: #1a2b3c; }
.password-field__icon--2x { width: 24px; }
:root { --token-color-1: #a1b2c3; --secret-bg: rgba(0, 0, 0, .5); }
i18n: { password: "Palavra-passe 2" }
"auth.password.label": "Password (min. 8)"
"password": { "type": "string", "minLength": 8 }
@Column({ name: "password_hash2", length: 60 })
ALTER TABLE users ADD COLUMN password_hash VARCHAR(255);
INSERT INTO users (name, password) VALUES ($1, $2);
SELECT id, token FROM sessions WHERE token = $1
CREATE USER app WITH PASSWORD :'app_password_2';
ALTER USER app PASSWORD '<password>';
IDENTIFIED BY '${MYSQL_PASSWORD}'
assert response.json()["token"] is not None
expect(res.body.token).toBe("token-1")
def test_password_reset_token_expires_after_24_hours():
def verify_password(plain: str, hashed: str) -> bool:
passwords_match(password1, password2)
reset_password_token_expires_at_2
if (password.length < 8) return "too short";
if password != password2: raise ValueError("no match")
The password is required and must have 8 characters.
The password is stored as sha256.
The password is base64-encoded.
The password is case-sensitive, 12 characters or more.
The password is in 1Password.
your password is: <password>
password: at least 12 characters
Password: ********
Enter password for bob@laptop:
Enter passphrase for key '/home/joao/.ssh/id_ed25519':
the token is valid for 24h
the token is a 40-character string
the token: see section 4.2
the api key is missing (401)
my api key is in .env2
here's the token endpoint: /oauth2/token
use the token from step3
A senha deve ter 8 caracteres, com letras e n\u00fameros.
A senha \u00e9 obrigat\u00f3ria.
a senha \u00e9 guardada com bcrypt, custo 12
A senha \u00e9 muito fraca: faltam 2 d\u00edgitos.
A senha \u00e9 a mesma do staging2?
a senha \u00e9 validada em auth2.py
Minha senha n\u00e3o funciona desde ontem.
minha senha: (n\u00e3o te digo)
Senha: m\u00ednimo de 8 caracteres
Senha:
Esqueci a senha do servidor 10.0.0.5
Esqueci-me da password; podes repor?
senha: ${SENHA_BANCO}
senha: <senha>
senha: sua_senha_aqui_1
SENHA_BANCO=
SENHA_BANCO=$SENHA
senha_hash = bcrypt.hash(senha, 10)
a palavra-passe tem de ter 12 letras
a password \u00e9 pedida duas vezes
a chave da API \u00e9 lida do ambiente
a chave da API \u00e9 OPENAI_API_KEY_2
a chave prim\u00e1ria \u00e9 id_2
o token \u00e9 v\u00e1lido por 24h
usa o token do passo3
usa o token de acesso da conta 2
campo "senha" na linha 42
o utilizador e a senha est\u00e3o no 1Password
o segredo \u00e9 a alma do neg\u00f3cio, artigo 5
CPF inv\u00e1lido: 529.982.247-26
CPF 111.111.111-11
CNPJ 11.222.333/0001-82
pedido 20260112345
telefone: (00) 00000-0000
maria@example.com
user@example.org
noreply@softmail.com
seu-nome@exemplo.com.br
card 1111 1111 1111 1117
123456789:AA...
at 1700000000000 ms, version 1.2.3-4, port 65535
2026-01-12T10:11:12.345678Z
a commit 0123456789abcdef0123456789abcdef01234567 in git
[main 1a2b3c4] Secret handling, 2 files changed
index 83db48f..bf2c4a1 100644
--- a/src/secrets/token.py
+++ b/src/secrets/password.py
@@ -12,7 +12,9 @@ def password(self, token: str, secret: str) -> None:
+PASSWORD_RESET_TIMEOUT = 259200
-SECRET_KEY = env("SECRET_KEY")
+SECRET_KEY = env("DJANGO_SECRET_KEY")
SECRET_KEY = os.getenv("SECRET_KEY")
SECRET_KEY=change-me-in-production-2
JWT_SECRET=your-jwt-secret-min-32-chars
JWT_SECRET="replace-with-a-long-random-string-1"
JWT_SECRET=test-secret-do-not-use-1
SESSION_SECRET=dev-secret-1234
API_KEY=dummy-key-12345678
API_KEY=test-api-key-123456
API_TOKEN=fake_token_for_tests_1
requirepass foobared
# requirepass <password>
bind-dn cn=admin,dc=softmail,dc=com
echo "$PASS" | sudo -S apt update
openssl rand -base64 32
openssl enc -aes-256-cbc -pass file:/root/.key2
openssl enc -pass env:ENC_PASS_2
htpasswd -c .htpasswd admin
az login --service-principal -u $ID -p $SECRET
ssh -p 2222 deploy@host
mkdir -p src/password2/reset
cp -p a1 b2
tar -p -xf secret-2024.tar.gz
redis-cli -a "$REDIS_PASSWORD" ping
redis-cli -h cache -p 6379 ping
psql "host=db user=app password=$PW dbname=x"
wget --password=$PW https://x
vault kv get -field=password secret/db2
vault login <token>
gh auth login --with-token < token2.txt
kubectl create secret generic db --from-literal=password=$PW
kubectl get secret db -o jsonpath='{.data.password}'
op://vault2/item/password
pass show email/softmail2
ansible-vault encrypt_string 'x' --name 'db_password'
ansible_become_pass: "{{ vault_become_pass_2 }}"
variable "db_password" { sensitive = true }
default = "t3.micro"
name: ci2, on: [push], permissions: { id-token: write }
hash = hashlib.sha256(password.encode()).hexdigest()
$2b$12$ is how a bcrypt hash begins
sha512-crypt, 5000 rounds
integrity check failed: expected 12, got 14
C:\Users\joao\AppData\Local\Temp\token2.txt
/home/joao/.config/molting/secrets/token2.json
/usr/share/doc/passwd/README.Debian.gz
--- PASS: TestLoginV2Handler (0.00s)
=== RUN   TestPasswordReset2
--- FAIL: TestTokenV3Refresh (0.01s)
PASS: gtest-filter2.sh
pass: tests/unit/test_login2.py
pass: 12, fail: 3, skipped: 1
PASS src/auth/Password2.test.tsx (5.123 s)
ok 12 - password is checked 2 times
Passed: 128 Failed: 0 Total: 128
--password-file=/run/secrets/pw1
--passphrase-fd 3
--pass-through-2nd
curl -u admin: http://localhost:9200
curl -u alice:$(cat pw2) https://x
Authorization: token $(gh auth token)
X-Request-Id: 7b1c9a4e-52f3-4d1b-8f2a-0c9d8e7f6a5b
X-GitHub-Request-Id: 1A2B:3C4D:5E6F7A:8B9C0D:65F1A2B3
Cookie: _ga=GA1.2.1234567.7654321; theme=dark2
Server=db;User Id=sa;Password=***;Encrypt=true
password: [A-Za-z0-9]{8,}
password: str = Form(...), token2: str = Form(...)
passwords: 12 weak, 3 reused
passport: ^0.7.0
passport-jwt: 4.0.1
compass: N45E12
bypass: v2-cache
pwd: /home/joao/src/app2
PWD=/home/joao/src/app2
privateKey = jwtTestEC256PrivateKey
access_key: userAccessKeyVersion2024
OLDPWD=/home/joao/src/app1
echo $PWD && cd app2
token refresh_token_rotation_2024_01_enabled_by_default
token count_of_all_prompts_2024_and_more_words
Token: TOKEN_EXPIRED_2_DAYS_AGO_AND_COUNTING
key event KeyA2 pressed
chave estrangeira fk_pedido_cliente_2
storage key: app.settings.theme.v2.of.the.user
access key: Alt+Shift+1
credentials: include/omit2
creds: see vault/db2
CI_JOB_TOKEN is set
TOKEN=$(gh auth token)
KEY=value2
NEXT_PUBLIC_KEY=pk_test_2
COMPOSE_PROJECT_NAME=app2
sshpass is not installed (exit 127)
machine learning login page password field 2
openssl passwd -6 -salt xyz2
ENV APP_HOME /srv/app2
zip -r secret2.zip secrets/
""".strip("\n").split("\n")  # fmt: skip


def ordinary() -> tuple[str, ...]:
    """Every ordinary line."""
    chance = random.Random(SEED)
    by_hand = (line.encode("ascii").decode("unicode_escape") if "\\u00" in line else line for line in _BY_HAND)
    made = (line for _ in range(EACH) for line in _made(chance))
    return (*by_hand, *made)


def _made(chance: random.Random) -> Iterator[str]:
    """One line of every shape."""
    data = chance.randbytes(96)
    word, other, third = chance.sample(_WORDS, 3)
    commit, number = hashlib.sha1(data).hexdigest(), chance.randrange(10**6, 10**9)
    name = uuid.UUID(bytes=data[:16], version=4)
    yield f"commit {commit}"
    yield f"{commit[:7]} {word}: rename {other} to {third}"
    yield f"* {commit} {commit[::-1]} refs/heads/{word}-{other}"
    yield f"{hashlib.sha256(data).hexdigest()}  {word}-{number}.tar.gz"
    yield f"md5({word}) = {hashlib.md5(data).hexdigest()}"
    yield f"sha256:{hashlib.sha256(data[1:]).hexdigest()}"
    yield f'      "integrity": "sha512-{base64.b64encode(data[:64]).decode()}",'
    yield f"    {word}: {name}"
    yield f'"id": "{name}", "{other}_id": "{uuid.UUID(bytes=data[16:32], version=4)}"'
    yield f"data:image/png;base64,{base64.b64encode(b'PNG' + data).decode()}"
    yield f"url(data:font/woff2;base64,{base64.b64encode(b'wOF2' + data * 3).decode()})"
    yield f".{word}-{other} {{ color: #{commit[:6]}; background: #{commit[6:12]}; --{third}: #{commit[:8]} }}"
    yield f'    resolved "https://registry.npmjs.org/{word}/-/{word}-{number % 9}.{number % 17}.0.tgz#{commit}"'
    yield f"    --hash=sha256:{hashlib.sha256(data[2:]).hexdigest()} \\"
    yield f"{word} v0.{number % 99}.0 h1:{base64.b64encode(data[:32]).decode()}"
    yield f'checksum = "{hashlib.sha256(data[3:]).hexdigest()}"'
    yield f"/home/joao/src/{word}/{other}_{third}/test_{word}_{other}.py:{number % 999}"
    yield f"https://softmail.com/{word}/{commit[:12]}/{other}?v={number}&page={number % 9}#{third}"
    yield f"at {word}.{other} (webpack-internal:///./src/{third}.tsx:{number % 999}:{number % 99})"
    yield f'ETag: W/"{commit[:20]}"'
    yield f"toolu_{word}01{base64.b32encode(data[:12]).decode().rstrip('=')}"
    yield f"{word}_{other}_{third}_{word}_{other}_{third}_{number % 99}"
    yield f"{word}/{other}/{third}/{word}-{other}/{third}.{other}.{word}.ts"
    yield f"assert {word}({other!r}) == {hashlib.sha1(data[4:]).hexdigest()!r}"
    yield f"test vector {number % 9}: key {_HEX * 2}, plain {data[:16].hex()}"
    yield f"{word.upper()}_{other.upper()}={third}"
    yield f"run id {number}, trace {data[:16].hex()}-{data[16:24].hex()}-01"
    yield f"sourceMappingURL=data:application/json;base64,{base64.b64encode(data).decode()}"
    yield f'viewBox="0 0 24 24" d="M{number % 24}.5 3v18M3 12h{number % 18}l-{number % 7}.25 {number % 5}.75z"'
    yield f"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{base64.b64encode(data[:32]).decode()[:43]} joao@{word}"
