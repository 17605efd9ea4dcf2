"""Promises about what a run is handed of somebody's environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from molting_tui.runs.environment import surroundings
from molting_tui.runs.folder import run_in
from tests.runs_made import ended, nothing_left, started, workspace_with

SECRETS = [
    "OPENAI_API_KEY",
    "ANTHROPIC_API_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "GITHUB_TOKEN",
    "GH_TOKEN",
    "NPM_TOKEN",
    "WANDB_API_KEY",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "DB_PASSWORD",
    "DB_PASS",
    "PGPASSWORD",
    "MYSQL_PWD",
    "SECRET_KEY_BASE",
    "AZURE_STORAGE_CONNECTION_STRING",
    "AZURE_PAT",
    "SLURM_JWT",
    "SENTRY_DSN",
    "SLACK_WEBHOOK_URL",
    "SSH_AUTH_SOCK",
    "openai_key",
    "myToken",
    "GPG_PASSPHRASE",
    "MOLTING_RUN_TOKEN",
    "APP_SECRETS",
]
NEEDED = [
    "PATH",
    "HOME",
    "USER",
    "LANG",
    "LC_ALL",
    "PWD",
    "OLDPWD",
    "SHELL",
    "TMPDIR",
    "TERM",
    "LD_LIBRARY_PATH",
    "CUDA_VISIBLE_DEVICES",
    "CUDA_HOME",
    "OMP_NUM_THREADS",
    "NCCL_IB_PKEY",
    "NCCL_DEBUG",
    "HF_TOKEN",
    "HF_HOME",
    "HF_ENDPOINT",
    "HUGGING_FACE_HUB_TOKEN",
    "HUGGINGFACE_HUB_CACHE",
    "http_proxy",
    "HTTPS_PROXY",
    "no_proxy",
    "TOKENIZERS_PARALLELISM",
    "SLURM_JOB_ID",
    "XDG_CACHE_HOME",
    "KRB5CCNAME",
    "MOLTING_CACHE",
    "VIRTUAL_ENV",
    "KEYTIMEOUT",
]


@pytest.mark.parametrize("name", SECRETS)
def test_a_credential_is_held_back_and_said(name: str) -> None:
    handed = surroundings({name: "x", "PATH": "/bin"})
    assert name not in handed.variables
    assert handed.held_back == (name,)


@pytest.mark.parametrize("name", NEEDED)
def test_what_training_needs_is_handed_on(name: str) -> None:
    assert surroundings({name: "http://joao:word@proxy:3128" if "proxy" in name.lower() else "x"}).variables[name]


def test_an_address_with_a_password_is_held_back_under_any_name() -> None:
    ours = {"DATABASE_URL": "postgres://joao:hunter2@db/crm", "PIP_INDEX_URL": "https://pypi.org/simple"}
    handed = surroundings(ours)
    assert (handed.held_back, "PIP_INDEX_URL" in handed.variables) == (("DATABASE_URL",), True)


def test_what_a_person_names_is_handed_on() -> None:
    assert surroundings({"WANDB_API_KEY": "x"}, ("WANDB_API_KEY",)).variables["WANDB_API_KEY"] == "x"


def test_a_run_starts_without_the_keys_of_whoever_starts_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = workspace_with(tmp_path / "ws", kept=2)
    for name in ("OPENAI_API_KEY", "HF_TOKEN", "WANDB_API_KEY"):
        monkeypatch.setenv(name, f"value of {name}")
    with nothing_left(made):
        run = run_in(started(made, "environment", "done").folder)
        ended(run)
    log = run.log.read_text()
    assert "value of HF_TOKEN" in log
    assert "value of OPENAI_API_KEY" not in log
    assert log.startswith("not handed to this run: OPENAI_API_KEY, WANDB_API_KEY ([training] environment in")
    made.close()
