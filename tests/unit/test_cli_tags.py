"""Promises of `molting tags`: the tags in use with how many pairs have each."""

from __future__ import annotations

from pathlib import Path

from cli_workspaces import answer, made, run, value


def test_the_tags_in_use_are_counted_the_most_used_first(tmp_path: Path) -> None:
    folder = made(tmp_path / "claudio")
    assert value("tags", workspace=folder) == []
    assert "No pair has a tag yet" in answer("tags", workspace=folder)
    for pair, tag in (("1", "voice"), ("2", "voice"), ("2", "later")):
        assert run("decide", pair, "tag", "--tag", tag, workspace=folder).exit_code == 0
    assert value("tags", workspace=folder) == [{"tag": "voice", "pairs": 2}, {"tag": "later", "pairs": 1}]
    assert value("tags", "--where", "id:1", workspace=folder) == [{"tag": "voice", "pairs": 1}]
    assert answer("tags", workspace=folder).split()[:2] == ["voice", "2"]
    assert "No pair that matches" in answer("tags", "--where", "id:3", workspace=folder)
