"""Credentials as they stand in session logs, by family: what the rules should find, down to the last character.

All of them are made up, and put together from parts when they are asked for: no file of this repository holds one, so
that no scanner of a forge stops at it. The same list comes out every time.
"""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import quote

_LOWER = "abcdefghijklmnopqrstuvwxyz"
_UPPER = _LOWER.upper()
_DIGITS = "0123456789"
_HEX = _DIGITS + "abcdef"
_ALNUM = _LOWER + _UPPER + _DIGITS
_URL_SAFE = _ALNUM + "-_"
_BASE64 = _ALNUM + "+/"
_DASHES = "-" * 5
_KEY_WORDS = "PRIVATE" + " KEY"
SEED = 20260

Encoder = Callable[[str], str]


class Planted(NamedTuple):
    """A text that holds a credential of a family, from `start` to `end`."""

    family: str
    text: str
    start: int
    end: int

    @property
    def secret(self) -> str:
        """The credential, spelled as the text spells it."""
        return self.text[self.start : self.end]


class _Maker:
    """Makes credentials of any alphabet, one after another, always the same."""

    def __init__(self, seed: int = SEED) -> None:
        self._chance = random.Random(seed)

    def signs(self, alphabet: str, count: int) -> str:
        """So many signs of the alphabet, a digit, a lower and an upper letter among them where it has them."""
        while True:
            signs = "".join(self._chance.choices(alphabet, k=count))
            kinds = [kind for kind in (_DIGITS, _LOWER, _UPPER) if set(kind) <= set(alphabet) and count > 7]
            if signs[0] not in "-_+/" and signs[-1] not in "-_" and all(set(signs) & set(kind) for kind in kinds):
                return signs

    def alnum(self, count: int) -> str:
        return self.signs(_ALNUM, count)

    def hex(self, count: int) -> str:
        return self.signs(_HEX, count)

    def url(self, count: int) -> str:
        return self.signs(_URL_SAFE, count)

    def base64(self, count: int) -> str:
        return self.signs(_BASE64, count)

    def uuid(self) -> str:
        return "-".join(self.hex(count) for count in (8, 4, 4, 4, 12))

    def password(self, sign: str = "!") -> str:
        """A password as people make them up: mostly a word, digits and a sign; one in five without the sign, one in ten
        without digits, one in ten by chance alone."""
        word = self._chance.choice(("Verao", "lobo", "Tigre", "kernel", "Granito", "nuvem"))
        style = self._chance.random()
        if style < 0.2:
            return f"{word}{self.signs(_DIGITS, 4)}"
        if style < 0.3:
            return f"{word}-{self._chance.choice(('bateria', 'telhado', 'garagem'))}-{self.signs(_LOWER, 5)}"
        if style < 0.4:
            return self.alnum(14)
        return f"{word}{self.signs(_DIGITS, 4)}{sign}{self.signs(_LOWER, 3)}"

    def jwt(self) -> str:
        head = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode().rstrip("=")
        body = base64.urlsafe_b64encode(json.dumps({"sub": self.hex(8)}).encode()).decode().rstrip("=")
        return f"{head}.{body}.{self.url(43)}"

    def pem(self, kind: str, lines: int = 4) -> str:
        name = f"{kind} {_KEY_WORDS}".strip()
        body = "\n".join([*(self.base64(64) for _ in range(lines)), self.base64(30) + "=="])
        return f"{_DASHES}BEGIN {name}{_DASHES}\n{body}\n{_DASHES}END {name}{_DASHES}"


def planted() -> tuple[Planted, ...]:
    """Every planted credential, family by family."""
    return tuple(
        entry
        for family in (_forges, _assistants, _clouds, _messengers, _payments, _services, _keys, _headers, _urls)
        for entry in family(_Maker())
    ) + tuple(
        entry
        for family in (_passwords, _configurations, _portuguese, _encoded, _edges, _seen_later)
        for entry in family(_Maker(7))
    )


def _in(family: str, before: str, secret: str, after: str = "") -> Planted:
    return Planted(family, f"{before}{secret}{after}", len(before), len(before) + len(secret))


def _spelled(family: str, before: str, secret: str, after: str, encoder: Encoder) -> Planted:
    """The same where an encoder spells every sign by itself."""
    return _in(family, encoder(before), encoder(secret), encoder(after))


def _in_base64(family: str, around: str, before: str, secret: str, after: str = "") -> Planted:
    """A text of which a stretch is base64 (`around` has a `{}` for it): the quads that hold the secret count."""
    plain = f"{before}{secret}{after}".encode()
    start, end = len(before.encode()), len(f"{before}{secret}".encode())
    place, encoded = around.index("{}"), base64.b64encode(plain).decode()
    last = min(-(-end // 3) * 4, len(encoded.rstrip("=")))
    return Planted(family, around.replace("{}", encoded), place + start // 3 * 4, place + last)


def _numbered(text: str, sign: str) -> str:
    """The lines with their numbers, as a log shows a file that was read."""
    return "\n".join(f"{number:>6}{sign}{line}" for number, line in enumerate(text.split("\n"), 1))


def _escaped(text: str) -> str:
    """As JSON spells it inside a string, with quotation marks by their code."""
    return json.dumps(text)[1:-1].replace('\\"', "\\u0022")


def _forges(make: _Maker) -> Iterator[Planted]:
    yield _in("github", "the token is ", "ghp_" + make.alnum(36), " and it expires on Friday")
    yield _in("github", "export GITHUB_TOKEN=", "gho_" + make.alnum(36))
    yield _in("github", "env: ", "ghs_" + make.alnum(36), ".")
    yield _in("github", "gh auth login --with-token <<< ", "github_pat_" + make.alnum(22) + "_" + make.alnum(59))
    yield _in("github", "git clone https://x-access-token:", "ghs_" + make.alnum(36), "@github.com/a/b.git")
    yield _in("github", "(", "ghu_" + make.alnum(36), ")")
    yield _in("gitlab", 'curl --header "PRIVATE-TOKEN: ', "glpat-" + make.url(20), '" https://gitlab.com/api/v4/user')
    yield _in("gitlab", "CI_DEPLOY=", "gldt-" + make.url(20))
    yield _in("gitlab", "gitlab-runner register --token ", "glrt-" + make.url(20))
    yield _in("registries", "//registry.npmjs.org/:_authToken=", "npm_" + make.alnum(36))
    yield _in("registries", "//npm.softmail.com/:_authToken=", make.uuid())
    yield _in("registries", "_auth=", base64.b64encode(f"bob:{make.password()}".encode()).decode())
    yield _in("registries", "password = ", "pypi-AgEIcHlwaS5vcmc" + make.url(120))
    yield _in("registries", "docker login -u bob -p ", "dckr_pat_" + make.url(27))
    yield _in("registries", "cargo login ", "cio" + make.alnum(32))
    yield _in("registries", "gem push --key ", "rubygems_" + make.hex(48))


def _assistants(make: _Maker) -> Iterator[Planted]:
    yield _in("openai", "OPENAI_API_KEY=", "sk-" + make.alnum(20) + "T3BlbkFJ" + make.alnum(20))
    yield _in("openai", "client = OpenAI(api_key='", "sk-proj-" + make.url(60) + "T3BlbkFJ" + make.url(60), "')")
    yield _in("openai", "use ", "sk-svcacct-" + make.url(120), " for now")
    yield _in("openai", "admin: ", "sk-admin-" + make.url(100))
    yield _in("anthropic", "ANTHROPIC_API_KEY=", "sk-ant-api03-" + make.url(93) + "AA")
    yield _in("anthropic", '{"apiKey": "', "sk-ant-admin01-" + make.url(93) + "AA", '"}')
    yield _in("anthropic", "CLAUDE_CODE_OAUTH_TOKEN=", "sk-ant-oat01-" + make.url(93) + "AA")
    yield _in("other models", "key ", "sk-or-v1-" + make.hex(64))
    yield _in("other models", "GROQ=", "gsk_" + make.alnum(52))
    yield _in("other models", "HF_TOKEN=", "hf_" + make.signs(_LOWER + _UPPER, 34))
    yield _in("other models", "replicate: ", "r8_" + make.alnum(37))
    yield _in("other models", "PPLX=", "pplx-" + make.alnum(48))
    yield _in("other models", "xai ", "xai-" + make.alnum(80))
    yield _in("other models", "DEEPSEEK_API_KEY=", "sk-" + make.hex(32))
    yield _in("other models", "export COHERE_API_KEY=", make.alnum(40))
    yield _in("other models", 'MISTRAL_API_KEY: "', make.alnum(32), '"')
    yield _in("other models", "fireworks ", "fw_" + make.alnum(24))


def _clouds(make: _Maker) -> Iterator[Planted]:
    account = "AccountName=loja;"
    yield _in("aws", "aws_access_key_id = ", "AKIA" + make.signs(_UPPER + "234567", 16))
    yield _in("aws", "aws_secret_access_key = ", make.base64(40))
    yield _in("aws", '"SecretAccessKey": "', make.base64(40), '",')
    yield _in("aws", "AWS_SESSION_TOKEN=", "IQoJb3JpZ2luX2Vj" + make.base64(240))
    yield _in("aws", '"SessionToken": "', "FwoGZXIvYXdzE" + make.base64(240) + "==", '"')
    yield _in("aws", "X-Amz-Security-Token=", "IQoJb3JpZ2luX2Vj" + make.alnum(200), "&X-Amz-Date=20260101T000000Z")
    yield _in("aws", "BEDROCK=", "ABSK" + make.base64(120))
    yield _in("azure", f"DefaultEndpointsProtocol=https;{account}AccountKey=", make.base64(86) + "==", ";Endpoint=x")
    yield _in("azure", "https://loja.blob.core.windows.net/c?sv=2024-01-01&sp=r&sig=", make.alnum(43) + "%3D")
    yield _in("azure", "AZURE_CLIENT_SECRET=", make.alnum(3) + "8Q~" + make.url(34))
    yield _in("azure", "Endpoint=sb://x.servicebus.windows.net/;SharedAccessKey=", make.base64(43) + "=")
    yield _in("azure", "AZURE_OPENAI_API_KEY=", make.hex(32))
    yield _in("google", "https://maps.googleapis.com/maps/api/js?key=", "AIza" + "Sy" + make.url(33), "&v=3")
    yield _in("google", "GOOGLE_CLIENT_SECRET=", "GOCSPX-" + make.url(28))
    yield _in("google", "access token ", "ya29." + make.url(120))
    yield _in("google", "refresh_token: ", "1//0" + make.url(80))
    service = make.pem("").replace("\n", "\\n")
    yield _in("google", '{"type": "service_account", "private_key": "', service, '\\n", "client_email": "a@b.c"}')
    yield _in("clouds", "DIGITALOCEAN_TOKEN=", "dop_v1_" + make.hex(64))
    yield _in("clouds", "heroku: HEROKU_API_KEY=", make.uuid())
    yield _in("clouds", "HCLOUD_TOKEN=", make.alnum(64))
    yield _in("clouds", "FLY_API_TOKEN=", "FlyV1 fm2_" + make.base64(120))
    yield _in("clouds", "CLOUDFLARE_API_TOKEN=", make.url(40))
    yield _in("clouds", "VERCEL_TOKEN=", make.alnum(24))
    yield _in("clouds", "NETLIFY_AUTH_TOKEN=", "nfp_" + make.alnum(36))
    yield _in("clouds", "supabase login --token ", "sbp_" + make.hex(40))
    yield _in("clouds", "PLANETSCALE=", "pscale_tkn_" + make.url(43))
    yield _in("vault", "VAULT_TOKEN=", "hvs." + make.url(95))
    yield _in("vault", "vault login ", "hvb." + make.url(140))
    yield _in("vault", "terraform: ", make.alnum(14) + ".atlasv1." + make.url(67))
    yield _in("vault", "doppler ", "dp.pt." + make.alnum(43))


def _messengers(make: _Maker) -> Iterator[Planted]:
    discord = "https://discord.com/api/webhooks/"
    yield _in("messengers", "slack: ", f"xoxb-{make.signs(_DIGITS, 12)}-{make.signs(_DIGITS, 13)}-{make.alnum(24)}")
    yield _in("messengers", "SLACK_APP_TOKEN=", f"xapp-1-A{make.signs(_UPPER, 10)}-{make.hex(64)}")
    place = f"T{make.signs(_UPPER, 9)}/B{make.signs(_UPPER, 9)}/"
    yield _in("messengers", "https://hooks.slack.com/services/", place + make.alnum(24))
    yield _in("messengers", f"{discord}{make.signs(_DIGITS, 19)}/", make.url(68))
    yield _in("messengers", "DISCORD_TOKEN=", f"MT{make.alnum(24)}.{make.url(6)}.{make.url(38)}")
    yield _in("messengers", "bot = Bot('", make.signs(_DIGITS[1:], 10) + ":AA" + make.url(33), "')")
    yield _in("messengers", "https://api.telegram.org/bot", make.signs(_DIGITS[1:], 9) + ":AA" + make.url(33), "/getMe")
    yield _in(
        "messengers",
        "https://loja.webhook.office.com/webhookb2/",
        f"{make.uuid()}@{make.uuid()}/IncomingWebhook/" + make.hex(32),
    )
    yield _in("messengers", "TWILIO_AUTH_TOKEN=", make.hex(32))
    yield _in("messengers", "twilio key ", "SK" + make.hex(32), " (revoked?)")
    yield _in("messengers", "SENDGRID_API_KEY=", f"SG.{make.url(22)}.{make.url(43)}")
    yield _in("messengers", "mailgun: ", "key-" + make.hex(32))
    yield _in("messengers", "MAILGUN_KEY=", f"{make.hex(32)}-{make.hex(8)}-{make.hex(8)}")
    yield _in("messengers", "mailchimp ", make.hex(32) + "-us12")
    yield _in("messengers", "brevo ", f"xkeysib-{make.hex(64)}-{make.alnum(16)}")
    yield _in("messengers", "RESEND_API_KEY=", f"re_{make.alnum(8)}_{make.alnum(24)}")


def _payments(make: _Maker) -> Iterator[Planted]:
    yield _in("payments", "stripe.api_key = '", "sk_" + "live_" + make.alnum(24), "'")
    yield _in("payments", "STRIPE=", "rk_" + "live_" + make.alnum(99))
    yield _in("payments", "STRIPE_WEBHOOK_SECRET=", "whsec_" + make.alnum(32))
    yield _in("payments", "shopify ", "shpat_" + make.hex(32))
    yield _in("payments", "SHOPIFY_SHARED=", "shpss_" + make.hex(32))
    yield _in("payments", "square: ", "EAAA" + make.url(60))
    yield _in(
        "payments",
        "MP_ACCESS_TOKEN=",
        f"APP_USR-{make.signs(_DIGITS, 16)}-010112-{make.hex(32)}-{make.signs(_DIGITS, 9)}",
    )


def _services(make: _Maker) -> Iterator[Planted]:
    yield _in("services", "DATABRICKS_TOKEN=", "dapi" + make.hex(32))
    yield _in("services", "databricks ", "dapi" + make.hex(32) + "-2")
    yield _in("services", "grafana: ", f"glsa_{make.alnum(32)}_{make.hex(8)}")
    yield _in("services", "GRAFANA_CLOUD=", "glc_" + make.base64(100))
    yield _in("services", "linear key ", "lin_api_" + make.alnum(40))
    yield _in("services", "postman ", f"PMAK-{make.hex(24)}-{make.hex(34)}")
    yield _in("services", "notion ", "secret_" + make.alnum(43))
    yield _in("services", "NOTION=", "ntn_" + make.alnum(46))
    yield _in("services", "X-Figma-Token: ", "figd_" + make.url(40))
    yield _in("services", "SENTRY_AUTH_TOKEN=", "sntrys_" + base64.b64encode(make.alnum(60).encode()).decode())
    yield _in("services", "asana 1/", f"{make.signs(_DIGITS, 16)}:{make.hex(32)}")
    yield _in("services", "airtable ", f"pat{make.alnum(14)}.{make.hex(64)}")
    yield _in("services", "NEW_RELIC=", "NRAK-" + make.signs(_UPPER + _DIGITS, 27))
    yield _in("services", "DD_API_KEY=", make.hex(32))
    yield _in("services", "atlassian: ", "ATATT3xFfGF0" + make.url(172) + "=" + make.hex(8).upper())
    yield _in("services", "posthog ", "phx_" + make.alnum(43))
    yield _in("services", "tavily ", "tvly-" + make.alnum(32))
    yield _in("services", "SONAR_TOKEN=", "sqp_" + make.hex(40))
    yield _in("services", "dynatrace ", f"dt0c01.{make.signs(_UPPER, 24)}.{make.signs(_UPPER + _DIGITS, 64)}")
    yield _in("services", "pulumi ", "pul-" + make.hex(40))
    yield _in("services", "tailscale up --authkey ", f"tskey-auth-{make.alnum(17)}-{make.alnum(32)}")
    yield _in("services", "1password ", "ops_" + "eyJ" + make.base64(260))


def _keys(make: _Maker) -> Iterator[Planted]:
    yield _in("private keys", "cat id_rsa\n", make.pem("RSA"), "\n$ ")
    yield _in("private keys", "", make.pem("OPENSSH", 6))
    yield _in("private keys", '{"key": "', make.pem("EC").replace("\n", "\\n"), '"}')
    yield _in("private keys", "log: ", make.pem("").replace("\n", "\\\\n"))
    for sign in ("\u2192", "\t", ": "):
        numbered = _numbered(make.pem("RSA"), sign)
        start = numbered.index(_DASHES)
        yield Planted("private keys", f"Read key.pem\n{numbered}\n", start + 13, len(numbered) + 13)
    added = make.pem("OPENSSH").replace("\n", "\n+")
    yield _in("private keys", "@@ -0,0 +1,7 @@\n+", added, "\n")
    quoted = make.pem("ENCRYPTED").replace("\n", "\n> ")
    yield _in("private keys", "> ", quoted, "\n\nIs it right?")
    armour = f"Version: GnuPG v2\n\n{make.base64(64)}\n{make.base64(64)}\n=aB3d"
    name = f"PGP {_KEY_WORDS} BLOCK{_DASHES}"
    yield _in("private keys", "", f"{_DASHES}BEGIN {name}\n{armour}\n{_DASHES}END {name}")
    yield _in("private keys", "private_key: |\n  ", make.pem("RSA").replace("\n", "\n  "), "\nname: x\n")
    yield _in(
        "private keys", "# created: 2026\n", "AGE-SECRET-KEY-1" + make.signs("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58)
    )
    yield _in("private keys", "[Interface]\nPrivateKey = ", make.base64(43) + "=", "\nAddress = 10.0.0.2/32")
    yield _in("private keys", "PresharedKey = ", make.base64(43) + "=")
    yield _in("private keys", "PuTTY-User-Key-File-3: ssh-rsa\nPrivate-Lines: 1\n", make.base64(64), "\nPrivate-MAC: x")
    yield _in("private keys", "minisign: ", "RWRTY0Iy" + make.base64(200))
    jwk = '{"kty":"EC","crv":"P-256","x":"' + make.url(43) + '","d":"'
    yield _in("private keys", jwk, make.url(43), '"}')


def _headers(make: _Maker) -> Iterator[Planted]:
    basic = base64.b64encode(f"admin:{make.password()}".encode()).decode()
    yield _in("headers", "cookie session=", make.jwt(), "; Path=/")
    yield _in("headers", "Authorization: Bearer ", make.jwt())
    yield _in("headers", "-H 'Authorization: Bearer ", make.alnum(40), "'")
    yield _in("headers", '"authorization": "bearer ', make.url(32), '"')
    yield _in("headers", "Authorization: Basic ", basic)
    yield _in("headers", "'authorization' => 'Basic ", basic, "'")
    yield _in("headers", "Authorization: Token ", make.hex(40))
    yield _in("headers", "Authorization: ApiKey ", make.base64(56))
    yield _in("headers", "X-Api-Key: ", make.alnum(32))
    yield _in("headers", 'curl -H "x-api-key: ', make.uuid(), '" https://api.softmail.com')
    yield _in("headers", '{"X-API-KEY": "', make.hex(40), '"}')
    yield _in("headers", "X-Auth-Token: ", make.hex(32))
    yield _in("headers", "Set-Cookie: sessionid=", make.alnum(32), "; HttpOnly")
    yield _in("headers", "curl -u admin:", make.password("#"), " https://api.softmail.com/v1")
    yield _in("headers", "curl --user 'bob:", make.password("$"), "' -X POST https://x.softmail.com")
    yield _in("headers", "wget --http-password=", make.password("@"), " https://x.softmail.com")
    yield _in("headers", "GET /v1/items?api_key=", make.alnum(32), "&page=2 HTTP/1.1")
    yield _in("headers", "https://api.softmail.com/x?access_token=", make.url(40))


def _urls(make: _Maker) -> Iterator[Planted]:
    host = "@10.1.2.3:"
    yield _in("urls", "mongodb+srv://loja:", make.password("-"), "@c0.ab1cd.mongodb.net/loja")
    yield _in("urls", "DATABASE_URL=postgres://app:", make.password("_"), f"{host}5432/app")
    yield _in("urls", 'url = "postgresql+asyncpg://app:', make.password("."), f'{host}5432/app"')
    yield _in("urls", "redis://:", make.alnum(24), f"{host}6379/0")
    yield _in("urls", "rediss://default:", make.alnum(32), "@x.upstash.io:6379")
    yield _in("urls", "amqp://guest2:", make.password("~"), f"{host}5672/vh")
    yield _in("urls", "mysql://root:", make.password("%40"), f"{host}3306/x")
    yield _in("urls", "jdbc:postgresql://db:5432/app?user=app&password=", make.password("!"), "&ssl=true")
    yield _in("urls", "jdbc:mysql://db/app?user=app&password=", make.alnum(12))
    yield _in("urls", "jdbc:sqlserver://db:1433;databaseName=x;user=sa;password=", make.password("#"), ";encrypt=true")
    yield _in("urls", "jdbc:oracle:thin:scott/", make.password("_"), "@//db:1521/orcl")
    yield _in("urls", "Server=db;Database=x;User Id=sa;Password=", make.password("$"), ";TrustServerCertificate=True")
    yield _in("urls", "host=db port=5432 user=app password=", make.password("!"), " dbname=x")
    yield _in("urls", "git remote add o https://bob:", make.password("-"), "@git.softmail.com/a.git")
    yield _in("urls", "http_proxy=http://proxy:", make.password("."), "@10.0.0.9:3128")
    yield _in("urls", "sftp://deploy:", make.password("!"), "@files.softmail.com/up")
    yield _in("urls", "smtp://no:", make.password("_"), "@smtp.softmail.com:587")


def _passwords(make: _Maker) -> Iterator[Planted]:
    yield _in("commands", "PGPASSWORD=", make.password("#"), " psql -h db -U app")
    yield _in("commands", "$ PGPASSWORD='", make.password("$"), "' pg_dump app > x.sql")
    yield _in("commands", "MYSQL_PWD=", make.password("!"), " mysql -u root")
    yield _in("commands", "sshpass -p ", make.password("@"), " ssh root@10.0.0.5")
    yield _in("commands", "sshpass -p'", make.password("%"), "' scp a b")
    yield _in("commands", "SSHPASS=", make.password("!"), " sshpass -e ssh x")
    yield _in("commands", "mysql -u root -p", make.password("_"), " app < dump.sql")
    yield _in("commands", "mysqldump --password=", make.password("!"), " app")
    yield _in("commands", "redis-cli -a ", make.alnum(20), " ping")
    yield _in("commands", "mongosh --username a --password ", make.password("!"), " --quiet")
    yield _in("commands", "docker run -e MYSQL_ROOT_PASSWORD=", make.password("!"), " mysql:8")
    yield _in("commands", "docker login -u bob -p ", make.password("!"), " reg.softmail.com")
    yield _in("commands", "echo '", make.password("!"), "' | sudo -S apt update")
    yield _in("commands", "az login --service-principal -u x -p ", make.url(40), " --tenant y")
    yield _in("commands", "htpasswd -bc .htpasswd admin ", make.password("!"))
    yield _in("commands", "openssl enc -aes-256-cbc -pass pass:", make.password("!"), " -in a")
    yield _in("commands", "net use Z: \\\\srv\\x /user:bob ", make.password("!"))
    yield _in("commands", "keytool -storepass ", make.password("!"), " -list")
    yield _in("commands", "ALTER USER app WITH PASSWORD '", make.password("!"), "';")
    yield _in("commands", "CREATE USER 'a'@'%' IDENTIFIED BY '", make.password("#"), "';")
    yield _in("commands", "vncpasswd: requirepass ", make.alnum(24))


def _configurations(make: _Maker) -> Iterator[Planted]:
    yield _in("configurations", "db:\n  user: app\n  password: ", make.password("!"), "\n")
    yield _in("configurations", "spring.datasource.password=", make.password("#"), "\nserver.port=80")
    yield _in("configurations", "  passwd: '", make.password("$"), "'")
    yield _in("configurations", "rabbitmq:\n    default_pass: ", make.password("_"))
    yield _in("configurations", "    environment:\n      - POSTGRES_PASSWORD=", make.password("!"))
    yield _in("configurations", "      POSTGRES_PASSWORD: ", make.password("_"))
    yield _in("configurations", "ENV DB_PASSWORD ", make.password("_"), "\nRUN x")
    yield _in("configurations", "ENV DB_PASSWORD=", make.password("_"))
    yield _in("configurations", "ARG NPM_TOKEN=", make.alnum(32))
    yield _in("configurations", 'JWT_SECRET="', make.password("!") + make.alnum(12), '"')
    yield _in("configurations", "SECRET_KEY = 'django-insecure-", make.signs(_ALNUM + "!@#%&()", 50), "'")
    yield _in("configurations", "APP_KEY=base64:", make.base64(43) + "=")
    yield _in("configurations", "machine api.softmail.com login bob password ", make.password("!"))
    yield _in("configurations", "machine x.softmail.com\n  login bob\n  password ", make.alnum(20))
    yield _in("configurations", "db.softmail.com:5432:app:bob:", make.password("!"), "\n")
    auth = base64.b64encode(f"bob:{make.password()}".encode()).decode()
    yield _in("configurations", '{"auths": {"reg.softmail.com": {"auth": "', auth, '"}}}')
    yield _in("configurations", '"identitytoken": "', make.alnum(48), '"')
    yield _in("configurations", "<password>", make.password("!"), "</password>")
    yield _in("configurations", '<add key="ApiKey" value="', make.alnum(32), '" />')
    yield _in("configurations", "define('DB_PASSWORD', '", make.password("#"), "');")
    yield _in("configurations", 'const apiKey = "', make.alnum(32), '";')
    yield _in("configurations", "password='", make.password("!"), "',")
    yield _in("configurations", 'client_secret: "', make.url(40), '"')
    yield _in("configurations", 'os.environ["DB_PASS"] = "', make.password("!"), '"')
    yield _in(
        "configurations", "kind: Secret\ndata:\n  password: ", base64.b64encode(make.password("!").encode()).decode()
    )
    yield _in("configurations", "ssid=casa\npsk=", make.password("!"), "\n")
    yield _in("configurations", "ansible_become_pass: ", make.password("!"))
    yield _in("configurations", 'variable "db_password" {\n  default = "', make.password("!"), '"\n}')
    yield _in("configurations", "bindpw ", make.password("!"))
    yield _in("configurations", "'password' => env('DB_PASSWORD', '", make.password("#"), "'),")


def _portuguese(make: _Maker) -> Iterator[Planted]:
    yield _in("portuguese", "A senha \u00e9 ", make.password("!"), ", n\u00e3o digas a ningu\u00e9m.")
    yield _in("portuguese", "minha senha: ", make.password("@"))
    yield _in("portuguese", "a password \u00e9 ", make.password("#"))
    yield _in("portuguese", "a senha do banco \u00e9 `", make.password("$"), "`")
    yield _in("portuguese", "Usu\u00e1rio: bob\nSenha: ", make.password("_"))
    yield _in("portuguese", "user bob senha ", make.password("!"))
    yield _in("portuguese", "palavra-passe: ", make.password("!"))
    yield _in("portuguese", "SENHA_BANCO=", make.password("!"))
    yield _in("portuguese", "**Senha:** `", make.password("#"), "`")
    yield _in("portuguese", "a chave da API \u00e9 ", make.alnum(32))
    yield _in("portuguese", "usa o token ", make.alnum(40), " por agora")
    yield _in("prose", "The password is ", make.password("!"), " for the staging box.")
    yield _in("prose", "username: admin / password: ", make.password("#"))
    yield _in("prose", "Password: ", make.password("!"))
    yield _in("prose", "my api key is ", make.alnum(32))
    yield _in("prose", "here's the token: ", make.hex(40))
    yield _in("prose", "login with admin / pw ", make.password("!"))
    yield _in("prose", "| password | `", make.password("!"), "` |")


def _encoded(make: _Maker) -> Iterator[Planted]:
    yield _spelled("encoded", '{"password": "', make.password("-"), '"}', _escaped)
    yield _spelled("encoded", '{"api_key": "', make.alnum(32), '"}', lambda text: json.dumps(json.dumps(text))[3:-3])
    yield _spelled("encoded", "GITHUB_TOKEN=", "ghp_" + make.alnum(36), "&x=1", lambda text: quote(text, safe=""))
    yield _spelled(
        "encoded", "password=", make.password("!") + make.alnum(4), "&user=bob", lambda text: quote(text, safe="&")
    )
    yield _in("encoded", "next=https%3A%2F%2Fx%3Ftoken%3D", "ghp_" + make.alnum(36), "%26a%3D1")
    yield _spelled("encoded", "postgres://app:", make.password("-"), "@10.0.0.1/app", lambda text: quote(text, safe=""))
    yield _spelled(
        "encoded", "Authorization: Bearer ", make.alnum(40), "", lambda text: quote(quote(text, safe=""), safe="")
    )
    yield _spelled("encoded", '<x a="', "ghp_" + make.alnum(36), '">', lambda text: text.replace('"', "&quot;"))
    yield _in("encoded", "password&#61;&quot;", make.password("-"), "&quot;")
    yield _in_base64(
        "encoded", "echo {} | base64 -d", "DB_PASSWORD=", make.password("!") + make.alnum(3), "\nDB_HOST=x\n"
    )
    yield _in_base64("encoded", "  .env: {}\n", "A=1\nTOKEN=", "ghp_" + make.alnum(36), "\nB=2\n")
    yield _in_base64("encoded", '"content": "{}"', '{"api_key": "', make.alnum(32), '", "n": 1}')
    yield _in_base64("encoded", "data:text/plain;base64,{}", "key ", "sk-ant-api03-" + make.url(93) + "AA")
    yield _in_base64(
        "encoded", "https://x.softmail.com/?q={}&n=1", "", "AKIA" + make.signs(_UPPER + "234567", 16), " is it"
    )
    yield _in("encoded", "    12\u2192DB_PASSWORD=", make.password("!"), "\n    13\u2192DB_HOST=x")
    yield _in("encoded", "3: JWT_SECRET=", make.alnum(32), "\n4: B=1")
    yield _in("encoded", "+STRIPE_SECRET=", make.alnum(32), "\n+B=1")
    yield _spelled(
        "encoded", "x='", "ghp_" + make.alnum(36), "'", lambda text: text.replace("'", "\\x27").replace("_", "\\u005f")
    )


def _edges(make: _Maker) -> Iterator[Planted]:
    yield _in("edges", "token_", "ghp_" + make.alnum(36), "_old")
    yield _in("edges", "key_", "sk-ant-api03-" + make.url(93) + "AA")
    yield _in("edges", "a,", "ghp_" + make.alnum(36), ",b")
    yield _in("edges", "aws_", "AKIA" + make.signs(_UPPER + "234567", 16), "_x")
    yield _in("edges", "bak_", "AIza" + "Sy" + make.url(33))
    yield _in("edges", "__", "glpat-" + make.url(20), "__")
    yield _in("edges", "v1", "github_pat_" + make.alnum(22) + "_" + make.alnum(59))
    yield _in("edges", "", "xxxxxx".join(("ghp_" + make.alnum(15), make.alnum(15))))
    yield _in("edges", "", "sk-ant-api03-" + make.url(40) + "XXXXXX" + make.url(45) + "AA")
    yield _in("edges", "export TOKEN=", "hf_" + make.alnum(14) + "xxxxxxx" + make.alnum(13))
    yield _in("edges", "\u201c", "glpat-" + make.url(20), "\u201d")
    yield _in("edges", "caf\u00e9", "ghp_" + make.alnum(36), "\u00e9")


_SEEN_LATER = {
    "commands": """
mysql -uroot -p@
mysql --user=root --password=@ db
mongo -u a -p @
docker login --username x --password @
smbclient -U user%@ //x/y
ldapsearch -x -D cn=a -w @
gpg --batch --passphrase @ -c x
zip -P @ a.zip b
ssh-keygen -t rsa -N '@' -f k
xfreerdp /u:bob /p:@ /v:x
kubectl create secret generic db --from-literal=password=@
helm install x --set db.password=@
ansible-playbook -e "ansible_password=@" x
echo @ | docker login --password-stdin
openssl rsa -passin pass:@ -in x
wget --user=bob --password=@ http://x
http -a bob:@ GET x
curl -ubob:@ https://x
curl https://bob:@@x.io/""",
    "configurations": """
db_password: @
- name: DB_PASSWORD|  value: @
[client]|user=root|password=@
Password=@;Encrypt=true
PGPASSWORD: @
DB_PASS=@
DATABASE_PASSWORD="@"
password => '@'
"pwd":"@"
$password = "@";
password := "@"
ADMIN_PASSWORD=@ # change
-Dspring.datasource.password=@
login: bob|password: @
redis: { password: @ }
MAIL_PASSWORD=@
RAILS_MASTER_KEY=@""",
    "portuguese": """
a palavra-passe é @
a senha do root é: @
senha=@
usuário: admin senha: @
A senha nova é "@".
a tua password: @
senha do wifi: @
com a password @
a senha era @ e agora não funciona
usuário e senha: admin/@
PIN e senha: @""",
    "prose": """
user: bob, pass: @
creds: admin:@
credentials are admin / @
password for bob is @
the root password was @
my password is: @
use password @""",
}
"""Lines that the rules hadn't seen when they were measured on them first; `@` is the password, `|` ends a line."""


def _seen_later(make: _Maker) -> Iterator[Planted]:
    for family, lines in _SEEN_LATER.items():
        for line in lines.strip("\n").split("\n"):
            before, _, after = line.replace("|", "\n").partition("@") if " | " not in line else line.partition("@")
            yield _in(family, before, make.password("$"), after)
