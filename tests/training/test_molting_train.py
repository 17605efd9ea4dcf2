"""`molting-train`: the command line that needs no workspace, and the folder it makes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from molting_tui.errors import BadInput, MoltingError, Refused
from molting_tui.recipe.events import Done, Failed, read_events
from molting_tui.recipe.run_process import identity
from molting_tui.recipe.runfolder import TrainConfig, read_config
from molting_tui.recipe.settings import FIELDS, TrainingSettings, defaults_for
from tests.runs_made import at_work, bystander
from tests.training.conftest import surroundings, write_pairs
from training import arguments
from training.reporting import Reporter


def asked(*words: object) -> TrainConfig:
    """The config that a command line leads to."""
    config = read_config(arguments.run_folder([str(word) for word in words]))
    assert isinstance(config, TrainConfig)
    return config


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    return write_pairs(tmp_path / "pairs.json")


def in_own_process(code: str, *words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, words)],
        env={**os.environ, **surroundings(), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


MAIN = "from training.qlora import main; main()"


def test_the_customers_command_line_is_understood(dataset: Path, tmp_path: Path) -> None:
    config = asked(
        *("--dataset", dataset, "--output", tmp_path / "v2.3", "--epochs", 6, "--model_name", "some/chat-model"),
        *("--batch_size", 2, "--gradient_accumulation", 4, "--learning_rate", "2e-4", "--lora_rank", 16),
        *("--lora_alpha", 32, "--warmup_steps", 50, "--max_seq_len", 512),
    )
    assert config.name == "v2.3"
    assert config.dataset == str(dataset)
    assert config.pairs == 5
    assert len(config.dataset_digest) == 64
    settings = config.settings
    assert (settings.model_name, settings.epochs, settings.batch_size) == ("some/chat-model", 6, 2)
    assert (settings.gradient_accumulation, settings.learning_rate, settings.warmup_steps) == (4, 2e-4, 50)
    assert (settings.lora_rank, settings.lora_alpha, settings.max_seq_len) == (16, 32, 512)


def test_settings_may_be_spelled_with_dashes_too(dataset: Path, tmp_path: Path) -> None:
    config = asked(
        *("--dataset", dataset, "--output", tmp_path / "o", "--model-name", "m", "--max-seq-len", 99),
        *(
            "--target-modules",
            "q_proj,v_proj",
            "o_proj",
            "--system-prompt",
            "Você é Cláudio.",
            "--quantisation",
            "none",
        ),
    )
    assert config.settings.max_seq_len == 99
    assert config.settings.target_modules == ("q_proj", "v_proj", "o_proj")
    assert config.settings.quantisation == "none"
    assert config.system_prompt == "Você é Cláudio."


def test_what_is_not_said_is_the_default_of_that_base(dataset: Path, tmp_path: Path) -> None:
    assert asked("--dataset", dataset, "--output", tmp_path / "a").settings == TrainingSettings()
    tiny = asked("--dataset", dataset, "--output", tmp_path / "b", "--model_name", "tiny").settings
    assert tiny == defaults_for("tiny")
    other = asked(
        "--dataset", dataset, "--output", tmp_path / "c", "--lora_dropout", "0", "--warmup_steps", "0"
    ).settings
    assert (other.lora_dropout, other.warmup_steps) == (0, 0)


def test_help_names_every_setting_with_its_meaning_and_range() -> None:
    done = in_own_process(MAIN, "--help", COLUMNS="400")
    assert done.returncode == 0
    for field in FIELDS:
        assert f"--{field.name}" in done.stdout
        assert field.meaning in done.stdout
        assert field.limits in done.stdout


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ((), "--dataset is missing"),
        (("--dataset", "DATA"), "--output is missing"),
        (("--dataset", "no.json", "--output", "OUT"), "No such file"),
        (("--dataset", "DATA", "--output", "OUT", "--epochs", "many"), "'many' is no number"),
        (("--dataset", "DATA", "--output", "OUT", "--batch_size", "1.5"), "'1.5' is no number"),
        (("--dataset", "DATA", "--output", "OUT", "--epochs", "0"), "epochs"),
        (("--dataset", "DATA", "--output", "OUT", "--quantisation", "int3"), "int3"),
        (("--dataset", "DATA", "--output", "OUT", "--packing", "yes"), "--packing"),
        (("--dataset", "DATA", "--output", "OUT", "--epo", "3"), "--epo"),
        (("--dataset", "DATA", "--output", "DATA"), "is a file"),
        (("--run", "no-such-run"), "no such run folder"),
    ],
)
def test_a_mistake_is_one_sentence_and_makes_no_folder(
    words: tuple[str, ...], part: str, dataset: Path, tmp_path: Path
) -> None:
    places = {"DATA": dataset, "OUT": tmp_path / "out"}
    with pytest.raises(BadInput) as caught:
        arguments.run_folder([str(places.get(word, word)) for word in words])
    assert part in caught.value.sentence()
    assert "\n" not in caught.value.sentence()
    assert not (tmp_path / "out").exists()


def test_a_mistake_ends_the_command_with_2_and_only_a_sentence(dataset: Path, tmp_path: Path) -> None:
    done = in_own_process(MAIN, "--dataset", dataset, "--output", tmp_path / "o", "--epochs", "many")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "--epochs: 'many' is no number. How often every pair is seen. (> 0, <= 10000)\n"


def kept(output: Path) -> Path:
    """A finished run, and a file that is the person's own."""
    for name in ("training_metrics.json", "events.jsonl", "notes.md"):
        output.mkdir(exist_ok=True)
        (output / name).write_text("{}\n")
    for name in ("adapter", "checkpoint-7", "checkpoint-old"):
        (output / name).mkdir()
        (output / name / "weights").write_bytes(b"w")
    return output


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_that_holds_a_run_is_refused_and_left_as_it_is(dataset: Path, tmp_path: Path) -> None:
    output = kept(tmp_path / "o")
    before = contents(output)
    with pytest.raises(Refused, match=r"holds a run already.*add --overwrite\.$"):
        asked("--dataset", dataset, "--output", output)
    assert contents(output) == before


def test_overwrite_removes_what_a_run_wrote_and_nothing_else(dataset: Path, tmp_path: Path) -> None:
    output = kept(tmp_path / "o")
    asked("--dataset", dataset, "--output", output, "--overwrite")
    assert set(contents(output)) == {"config.json", "notes.md", "checkpoint-old/weights"}


def test_a_run_that_saved_nothing_makes_way_for_the_next(dataset: Path, tmp_path: Path) -> None:
    asked("--dataset", dataset, "--output", tmp_path / "o")
    (tmp_path / "o" / "events.jsonl").write_bytes(b'{"event":"error","kind":"x","message":"y"}\n')
    asked("--dataset", dataset, "--output", tmp_path / "o", "--epochs", 2)
    assert set(contents(tmp_path / "o")) == {"config.json"}


@pytest.mark.parametrize("name", ["config.json", "events.jsonl", "log.txt"])
@pytest.mark.parametrize("words", [(), ("--overwrite",)])
def test_a_file_that_no_run_wrote_is_never_replaced(
    dataset: Path, tmp_path: Path, name: str, words: tuple[str, ...]
) -> None:
    output = tmp_path / "model"
    output.mkdir()
    (output / name).write_text('{"model_type": "llama"}')
    with pytest.raises(Refused, match=f"holds a {name} that no run wrote.*Name another --output"):
        asked("--dataset", dataset, "--output", output, *words)
    assert contents(output) == {name: b'{"model_type": "llama"}'}


def test_a_run_that_has_its_adapter_is_not_trained_again(dataset: Path, tmp_path: Path) -> None:
    asked("--dataset", dataset, "--output", tmp_path / "o")
    (tmp_path / "o" / "adapter").mkdir()
    with pytest.raises(Refused, match="has its adapter already"):
        arguments.run_folder(["--run", str(tmp_path / "o")])


def test_the_password_of_an_address_is_never_written_down(dataset: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="an address can't be a base"):
        asked("--dataset", dataset, "--output", tmp_path / "o", "--model_name", "https://joao:hunter2@host/model")
    assert not (tmp_path / "o").exists()
    (tmp_path / "r").mkdir()
    with Reporter(tmp_path / "r"):
        raise ConnectionError("Max retries: https://joao:hunter2@mirror/api via http://joao:hunter2@proxy:3128")
    assert b"https://***@mirror/api via http://***@proxy:3128" in (tmp_path / "r" / "events.jsonl").read_bytes()
    assert b"hunter2" not in (tmp_path / "r" / "events.jsonl").read_bytes()


@pytest.mark.parametrize("option", ["--dataset", "--output", "--run"])
def test_a_name_that_is_not_utf_8_is_a_sentence(dataset: Path, tmp_path: Path, option: str) -> None:
    other = tmp_path / os.fsdecode(b"x\xff")
    other.mkdir()
    words = {"--dataset": str(dataset), "--output": str(tmp_path / "o"), option: str(other)}
    with pytest.raises(BadInput, match="its name isn't UTF-8"):
        arguments.run_folder([word for pair in words.items() for word in pair])
    assert list(other.iterdir()) == []


def test_a_run_is_not_trained_by_two_processes_at_once(dataset: Path, tmp_path: Path) -> None:
    asked("--dataset", dataset, "--output", tmp_path / "o")
    (tmp_path / "o" / "process.json").write_bytes(msgspec.json.encode(identity(os.getpid())))
    # The workbench has named us before we began.
    assert arguments.run_folder(["--run", str(tmp_path / "o")]) == tmp_path / "o"
    with bystander(tmp_path) as other:  # got the number of a run that was killed
        (tmp_path / "o" / "process.json").write_bytes(msgspec.json.encode(identity(other.pid)))
        assert arguments.run_folder(["--run", str(tmp_path / "o")]) == tmp_path / "o"
    process = at_work(tmp_path / "o")
    with pytest.raises(Refused, match="goes on in another process"):
        arguments.run_folder(["--run", str(tmp_path / "o")])
    process.kill()
    process.communicate()


def test_a_folder_where_a_run_goes_on_is_refused_even_to_overwrite(dataset: Path, tmp_path: Path) -> None:
    (tmp_path / "o").mkdir()
    process = at_work(tmp_path / "o")
    with pytest.raises(MoltingError, match="a run is going on in this folder"):
        asked("--dataset", dataset, "--output", tmp_path / "o", "--overwrite")
    with bystander(tmp_path / "o") as shell:  # whether it is the run can't be known, and then nothing is removed
        (tmp_path / "o" / "process.json").write_bytes(msgspec.json.encode(identity(shell.pid)))
        with pytest.raises(MoltingError, match="a run is going on in this folder"):
            asked("--dataset", dataset, "--output", tmp_path / "o", "--overwrite")
    process.kill()
    process.communicate()


def test_without_the_training_libraries_it_says_how_to_install_them(dataset: Path, tmp_path: Path) -> None:
    code = "import sys; sys.modules['torch'] = sys.modules['trl'] = None; " + MAIN
    done = in_own_process(code, "--dataset", dataset, "--output", tmp_path / "o")
    assert done.returncode == 2
    sentence = (
        "Training needs libraries that aren't installed (torch, trl). Install them with `pip install 'molting[train]'`."
    )
    assert done.stderr == f"{sentence}\n"
    assert isinstance(read_events(tmp_path / "o" / "events.jsonl").events[-1], Failed)


def test_a_run_by_hand_leaves_the_same_files_and_tells_people_in_the_terminal(small_base: Path, tmp_path: Path) -> None:
    pytest.importorskip("trl")
    dataset = write_pairs(tmp_path / "two.json", 2)
    output = tmp_path / "deep" / "v1"
    words = (
        "--dataset",
        dataset,
        "--output",
        output,
        "--model_name",
        small_base,
        "--epochs",
        1,
        "--quantisation",
        "none",
    )
    done = in_own_process(MAIN, *words)
    assert done.returncode == 0, done.stderr
    names = {path.name for path in output.iterdir()}
    assert names == {
        "config.json",
        "events.jsonl",
        "process.json",
        "training_metrics.json",
        "adapter",
        "checkpoint-1",
    }
    assert isinstance(read_events(output / "events.jsonl").events[-1], Done)
    assert "step 1/1 loss " in done.stdout
    assert "  warn  steps           1 optimizer step in 1 epoch" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("finished: 1 step in ")


def test_the_command_line_is_read_without_loading_torch() -> None:
    done = in_own_process(
        "import sys, training.qlora; print([n for n in ('torch', 'transformers') if n in sys.modules])"
    )
    assert done.stdout.strip() == "[]"
