"""No secret leaves: not in a text, not in what came before, not in a system turn, whatever flags are stored."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from conversations import Fill, Said, asked, with_prompt

from molting_tui.curation.triage import Desk
from molting_tui.datasets.export.export import export
from molting_tui.errors import Refused
from molting_tui.workspace import Workspace

TOKEN = "ghp_" + "Ab0" * 12
CPF = "529.982.247-25"
IN_THE_PROMPT: Said = [("user", f"O token é {TOKEN}, usa-o."), ("assistant", "Está guardado, obrigado.")]
IN_THE_ANSWER: Said = [("user", "Qual é o token?"), ("assistant", f"É `{TOKEN}`.")]
IN_THE_CONTEXT: Said = [("user", f"usa {TOKEN}"), ("assistant", "Feito."), *asked(1)]
IN_THE_SYSTEM_TURN: Said = [("system", f"A chave é {TOKEN}."), *asked(2)]
IN_A_RESULT: Said = [("user", "vê"), ("call", "env"), ("tool", f"o token {TOKEN}"), ("assistant", "Vi."), *asked(3)]
BEHIND_AN_ENCODING: Said = [("user", f"next=%3Ftoken%3D{TOKEN}%26a"), ("assistant", "Vi, obrigado pela ligação.")]
EVERYWHERE = [IN_THE_PROMPT, IN_THE_ANSWER, IN_THE_CONTEXT, IN_THE_SYSTEM_TURN, IN_A_RESULT]


@pytest.mark.parametrize("said", EVERYWHERE, ids=["prompt", "answer", "context", "system", "tool"])
def test_an_export_with_a_secret_is_refused(workspace: Workspace, keep: Fill, tmp_path: Path, said: Said) -> None:
    target = tmp_path / "out.json"
    target.write_text("before")
    keep(workspace, [asked(9)])
    number = keep(workspace, [said])[0]
    with pytest.raises(Refused) as refusal:
        export(workspace, target, format="sharegpt", replace=True)
    sentence = refusal.value.sentence()
    assert f"1 kept pair holds a secret: {number} (github-token)" in sentence
    assert "--mask" in sentence
    assert TOKEN not in sentence
    assert target.read_text() == "before"
    assert not [path for path in tmp_path.iterdir() if path.name.startswith((".molting", "out.json."))]


def test_the_refusal_names_five_pairs_and_counts_the_others(workspace: Workspace, keep: Fill, tmp_path: Path) -> None:
    numbers = keep(workspace, [asked(number, f"resposta {number}: {TOKEN}") for number in range(7)])
    with pytest.raises(Refused) as refusal:
        export(workspace, tmp_path / "out.json", format="sharegpt")
    named = ", ".join(f"{number} (github-token)" for number in numbers[:5])
    assert f"7 kept pairs hold a secret: {named} and 2 more." in refusal.value.sentence()


def test_a_secret_behind_an_encoding_is_refused_and_masked(workspace: Workspace, keep: Fill, tmp_path: Path) -> None:
    number = keep(workspace, [BEHIND_AN_ENCODING])[0]
    with pytest.raises(Refused, match=rf"{number} \(github-token\)"):
        export(workspace, tmp_path / "out.json", format="sharegpt")
    text = export(workspace, tmp_path / "out.json", format="sharegpt", mask=True).path.read_text("utf-8")
    assert "next=%3Ftoken%3D[REDACTED:github-token]%26a" in text


@pytest.mark.parametrize("said", EVERYWHERE, ids=["prompt", "answer", "context", "system", "tool"])
def test_what_the_refusal_advises_helps_wherever_the_secret_stands(
    workspace: Workspace, keep: Fill, tmp_path: Path, said: Said
) -> None:
    """Imported, flagged, found by the filter, masked, exported: no message is out of reach."""
    number = keep(workspace, [said])[0]
    desk = Desk(workspace)
    assert list(desk.matching("state:keep flag:secret")) == [number]
    assert desk.mask_secrets("state:keep flag:secret") == 1
    assert list(desk.matching("flag:secret")) == []
    report = export(workspace, tmp_path / "out.json", format="sharegpt")
    text = report.path.read_text("utf-8")
    assert (text.count("[REDACTED:github-token]"), TOKEN in text) == (1, False)
    desk.undo()
    with pytest.raises(Refused):
        export(workspace, tmp_path / "out.json", format="sharegpt")


def test_a_secret_in_the_persona_is_refused_and_told_apart(workspace: Workspace, keep: Fill, tmp_path: Path) -> None:
    keep(workspace, [asked(1)])
    changed = with_prompt(workspace, f"Você é Cláudio. Chave: {TOKEN}")
    with pytest.raises(Refused) as refusal:
        export(changed, tmp_path / "out.json", format="sharegpt")
    sentence = refusal.value.sentence()
    assert sentence.startswith("molting.toml, [persona] system_prompt: it holds a secret (github-token)")
    assert TOKEN not in sentence


def test_a_persona_that_no_pair_needs_is_not_searched(workspace: Workspace, keep: Fill, tmp_path: Path) -> None:
    keep(workspace, [[("system", "Sê breve."), *asked(1)]])
    report = export(with_prompt(workspace, f"Chave: {TOKEN}"), tmp_path / "out.json", format="sharegpt")
    assert TOKEN not in report.path.read_text("utf-8")


def test_masking_takes_every_secret_out_of_the_file_and_counts_them(
    workspace: Workspace, keep: Fill, tmp_path: Path
) -> None:
    numbers = keep(workspace, [*EVERYWHERE, asked(9)])
    changed = with_prompt(workspace, f"Você é Cláudio. Chave: {TOKEN}")
    report = export(changed, tmp_path / "out.json", format="sharegpt", mask=True)
    text = report.path.read_text("utf-8")
    assert TOKEN not in text
    assert TOKEN not in report.manifest.read_text("utf-8")
    # One in each of the five pairs, and the persona's, which is the system turn of all but one of the six.
    assert text.count("[REDACTED:github-token]") == report.masked == 5 + 5
    counts = json.loads(report.manifest.read_bytes())["counts"]
    assert (counts["written"], counts["masked"], counts["masked_pairs"]) == (6, 10, 6)
    assert TOKEN in Desk(workspace).pair(numbers[0]).instruction, "the workspace keeps what it has"


def test_a_secret_that_was_masked_in_the_workspace_passes(workspace: Workspace, keep: Fill, tmp_path: Path) -> None:
    keep(workspace, [IN_THE_PROMPT, IN_THE_ANSWER])
    assert Desk(workspace).mask_secrets("flag:secret") == 2
    report = export(workspace, tmp_path / "out.json", format="sharegpt")
    assert report.path.read_text("utf-8").count("[REDACTED:github-token]") == 2
    assert report.masked == 0


def test_a_secret_that_a_rewrite_put_in_is_refused(workspace: Workspace, keep: Fill, tmp_path: Path) -> None:
    number = keep(workspace, [asked(1)])[0]
    desk = Desk(workspace)
    desk.rewrite(desk.pair(number), response=f"É {TOKEN}.")
    with pytest.raises(Refused, match="1 kept pair holds a secret"):
        export(workspace, tmp_path / "out.json", format="sharegpt")


def test_stored_flags_are_not_trusted(workspace: Workspace, keep: Fill, tmp_path: Path) -> None:
    """A rule that came after the import finds what no stored flag tells of."""
    number = keep(workspace, [asked(1, "O cofre abre com abre-te-sesamo-4711.")])[0]
    export(workspace, tmp_path / "out.json", format="sharegpt")
    (workspace.folder / "rubrics" / "curation" / "ours.yaml").write_text(
        """\
format: rules/1
id: secret
version: "1"
title: Ours
about: Our own.
where: response
rules:
  - id: sesame
    pattern: "abre-te-sesamo-[0-9]+"
    example: abre-te-sesamo-1
    counter_example: abre-te
"""
    )
    assert Desk(workspace).pair(number).flags == ()
    with pytest.raises(Refused, match=rf"{number} \(sesame\)"):
        export(workspace, tmp_path / "out.json", format="sharegpt")


def test_a_secret_in_a_pair_that_is_not_written_does_not_matter(
    workspace: Workspace, keep: Fill, tmp_path: Path
) -> None:
    keep(workspace, [asked(1), IN_A_RESULT])
    keep(workspace, [IN_THE_ANSWER], decide="drop")
    report = export(workspace, tmp_path / "out.json", format="messages")
    assert report.pairs == 1
    assert TOKEN not in report.path.read_text("utf-8") + report.manifest.read_text("utf-8")


def test_personal_data_is_warned_of_and_not_refused(workspace: Workspace, keep: Fill, tmp_path: Path) -> None:
    keep(workspace, [asked(1)])
    number = keep(workspace, [asked(2, f"O CPF dele é {CPF}.")])[0]
    report = export(workspace, tmp_path / "out.json", format="sharegpt")
    assert report.warnings == (f"Personal data is in 1 pair: {number} (cpf). --mask takes it out of the file.",)
    assert CPF in report.path.read_text("utf-8")
    masked = export(workspace, tmp_path / "out.json", format="sharegpt", mask=True)
    assert (masked.warnings, masked.masked) == ((), 1)
    assert CPF not in masked.path.read_text("utf-8")


def test_the_manifest_tells_the_digest_of_the_prompt_as_it_was_written(
    workspace: Workspace, keep: Fill, tmp_path: Path
) -> None:
    keep(workspace, [asked(1)])
    changed = with_prompt(workspace, f"Você é Cláudio. Chave: {TOKEN}")
    report = export(changed, tmp_path / "out.json", format="messages", mask=True)
    (row,) = json.loads(report.path.read_text("utf-8"))
    written = row["messages"][0]["content"]
    assert written == "Você é Cláudio. Chave: [REDACTED:github-token]"
    manifest = json.loads(report.manifest.read_text("utf-8"))
    assert manifest["system_prompt_digest"] == hashlib.sha256(written.encode()).hexdigest()


def test_an_example_of_what_was_left_out_holds_no_secret(workspace: Workspace, keep: Fill, tmp_path: Path) -> None:
    keep(workspace, [asked(1), [*IN_A_RESULT[:3], ("assistant", f"O token {TOKEN}."), *asked(3, f"Usa {TOKEN}.")]])
    report = export(workspace, tmp_path / "out.json", format="alpaca", mask=True)
    assert TOKEN not in report.manifest.read_text("utf-8")
    assert TOKEN not in repr(report)
