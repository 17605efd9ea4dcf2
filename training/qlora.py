"""Train a LoRA adapter on a 4-bit base. Read it from top to bottom: `train` is the steps, in their order.

`python -m training.qlora --run FOLDER` trains what that folder's config.json says; `molting-train --dataset FILE
--output FOLDER` makes such a folder first. All that can be told without the base's weights is told before they are
loaded.
"""

from __future__ import annotations

import json
import logging
import math
import os
import signal
import sys
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from molting_tui.errors import BadInput, MoltingError
from molting_tui.recipe.bases import is_named, look_over
from molting_tui.recipe.events import Start, Warned
from molting_tui.recipe.labels import marked
from molting_tui.recipe.libraries import FOR_TRAINING, libraries_check, missing_libraries
from molting_tui.recipe.preflight import Preflight, preflight
from molting_tui.recipe.runfolder import ADAPTER, TrainConfig, read_config
from molting_tui.recipe.settings import TINY, TrainingSettings
from molting_tui.recipe.steps import steps_an_epoch
from molting_tui.recipe.templates import ChatTokenizer
from molting_tui.text import plural
from training import arguments
from training.figures import device, save_metrics, training_figures, versions
from training.reporting import Reason, Reporter, StopSignals, explained, say, write_process_file
from training.rows import Rows, label_rows, read_conversations, reader_of

_FEWEST_STEPS = 10
"""Optimizer steps between two checkpoints, at the least: one of a tiny model takes as long as half a step."""


def main(words: Sequence[str] | None = None) -> None:
    """`molting-train`: train, and exit with 0 (done or stopped) or 2 (a sentence on stderr says why)."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a character never ends a run
    try:
        folder = arguments.run_folder(words)
        report = Reporter(folder)
    except (MoltingError, OSError) as error:
        sys.exit(_print_error(error))
    # A dropped line ends neither a run of the workbench nor one started by hand.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with report:
        write_process_file(folder)
        train(folder, report)
    sys.exit(report.exit_code)


def _print_error(error: BaseException) -> int:
    """Print the sentence of an error on stderr; returns the exit code."""
    sys.stderr.write(f"{explained(error).message}\n")
    return 2


def train(folder: Path, report: Reporter) -> None:
    """Train as the folder's config says, and leave adapter and figures in it. Raises what `reporting` explains."""
    stop = StopSignals(report)
    config = _training_config(folder)
    settings = config.settings
    dataset = folder / config.dataset
    read = read_conversations(dataset, config.system_prompt)

    report.phase("import")
    _require_libraries()
    _settle_surroundings(settings, report)
    from transformers import set_seed

    from training import bases
    from training.callbacks import RunEvents

    report.phase("prepare_data")
    set_seed(settings.seed)
    source = bases.resolve(settings.model_name, say)
    base = look_over(settings.model_name, settings.target_modules, bases.local_folder(source))
    reader = reader_of(dataset, read, base.chat, settings.max_seq_len)
    rows = label_rows(read, reader)
    others = [libraries_check(FOR_TRAINING, settings.quantisation), *base.checks]
    _tell_preflight(preflight(reader, settings, others), report)
    assert base.chat is not None, "a base without a tokenizer is blocked"
    _show_first(rows, base.chat)
    tokenizer = bases.load_tokenizer(source)
    _check_same_ids(rows, tokenizer, settings.model_name)

    report.phase("load_model")
    model = bases.load_base(source, settings.quantisation)
    _check_targets(model, settings)

    report.phase("train")
    trainer = _trainer(folder, model, tokenizer, rows, settings, bases.compute_dtype())
    watching = RunEvents(report, stop, _start(trainer.model, rows, settings))
    trainer.add_callback(watching)
    # From here on a signal ends the training with a checkpoint, and what was learned is saved.
    stop.at_once = False
    began = time.perf_counter()
    trainer.train()
    seconds = time.perf_counter() - began

    report.phase("save")
    _save_adapter(folder, trainer.model, tokenizer, settings)
    reason: Reason = "stopped" if stop.requested and trainer.state.global_step < trainer.state.max_steps else "finished"
    figures = training_figures(trainer.state, watching, rows, seconds, reason)
    save_metrics(folder, figures, config)
    report.done(reason, figures)
    ended = f"{reason}: {plural(len(watching.losses), 'step')} in {seconds:.1f} s"
    say(f"{ended}, loss {watching.losses[-1]:.4f}, saved in {os.path.relpath(folder / ADAPTER)}")


def _training_config(folder: Path) -> TrainConfig:
    config = read_config(folder)
    if not isinstance(config, TrainConfig):
        raise BadInput("is an answering run's config.", where=str(folder), fix="Start it with `molting answer`.")
    return config


def _require_libraries() -> None:
    missing = missing_libraries()
    if missing:
        raise MoltingError(
            f"Training needs libraries that aren't installed ({', '.join(missing)}).",
            fix="Install them with `pip install 'molting[train]'`.",
        )


def _settle_surroundings(settings: TrainingSettings, report: Reporter) -> None:
    """What has to be set before torch is imported: no figures sent anywhere, one GPU, no more threads than help."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    if settings.model_name == TINY:
        # Its matrices are too small to share: on a busy machine of two cores two threads take five times as long.
        os.environ.setdefault("OMP_NUM_THREADS", "1")
    # A launcher (accelerate, torchrun) gives each process its own GPU; without one the trainer refuses several.
    if "LOCAL_RANK" not in os.environ:
        visible = os.environ.get("CUDA_VISIBLE_DEVICES")
        several = "," in visible if visible is not None else len(_gpus()) > 1
        if visible is None or several:
            os.environ["CUDA_VISIBLE_DEVICES"] = visible.split(",")[0] if visible else "0"
        if several:
            report.warn(
                "several-gpus",
                "There are several GPUs; the first is used. For all of them use a launcher (accelerate).",
            )
    _quieten_libraries()


def _quieten_libraries() -> None:
    """Bars, and warnings about what is done here knowingly, don't belong into the log."""
    import datasets
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()
    datasets.disable_progress_bars()
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
    for known in ("Paged optimizers are not supported on CPU", "`is_gradient_checkpointing` is deprecated"):
        warnings.filterwarnings("ignore", message=known)


def _gpus() -> list[str]:
    """What the driver lists, without loading anything."""
    try:
        return os.listdir("/proc/driver/nvidia/gpus")
    except OSError:
        return []


def _tell_preflight(outcome: Preflight, report: Reporter) -> None:
    """Print the list, and stop at what blocks; what may spoil the run goes into its events too."""
    say("preflight:")
    for check in outcome.checks:
        say(f"  {check.level:5} {check.id:15} {check.sentence}")
    for check in outcome.checks:
        if check.level == "warn":
            report.event(Warned(kind=check.id, message=check.sentence))
    outcome.refuse_blocked()


def _show_first(rows: Rows, chat: ChatTokenizer) -> None:
    """What a wrong template or a missing stop token looks like can be seen at a glance, if it is shown."""
    first = min(rows.rows, key=lambda row: len(row.input_ids))
    say("the shortest pair, as the model reads it; what is learned stands between ⟦ and ⟧:")
    for line in marked(first, chat.decode).splitlines():
        say(f"  | {line}")


def _check_same_ids(rows: Rows, tokenizer: Any, name: str) -> None:
    """The labels were made on ids of our own rendering: they are right only if the model's tokenizer gives the same."""
    for row, conversation in zip(rows.rows, rows.taken, strict=True):
        theirs = tokenizer.apply_chat_template(conversation.messages, tokenize=True, return_dict=True)["input_ids"]
        if list(theirs) != row.input_ids:
            raise MoltingError(
                f"transformers makes other tokens of pair {conversation.number} than its tokenizer.json does.",
                where=name,
                fix="The labels would be wrong: choose another base, or one with a newer tokenizer.json.",
            )


def _check_targets(model: Any, settings: TrainingSettings) -> None:
    """Preflight looks at the names in the weights' header; here are the layers that the library has made of them."""
    linear = linear_layers(model)
    unknown = [target for target in settings.target_modules if not any(is_named(path, target) for path in linear)]
    if not unknown:
        return
    names = sorted({path.rsplit(".", 1)[-1] for path in linear})
    raise BadInput(
        f"target_modules names no linear layer of it: {', '.join(unknown)}.",
        where=settings.model_name,
        fix=f"Its linear layers are {', '.join(names)}.",
    )


def linear_layers(model: Any) -> list[str]:
    """Dotted paths of the layers that can get an adapter: linear, quantised or not, but for the output layer."""
    output = model.get_output_embeddings()
    return [path for path, module in model.named_modules() if module is not output and _is_linear(module)]


def _is_linear(module: Any) -> bool:
    import torch

    # GPT-2 and its kin write a linear layer as a convolution.
    return isinstance(module, torch.nn.Linear) or type(module).__name__ == "Conv1D"


def _trainer(folder: Path, model: Any, tokenizer: Any, rows: Rows, settings: TrainingSettings, dtype: Any) -> Any:
    """TRL's trainer for rows that are encoded already, with a fresh adapter on the model."""
    import torch
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import PrinterCallback, ProgressCallback
    from trl import SFTConfig, SFTTrainer

    class Trainer(SFTTrainer):
        def create_model_card(self, *_: Any, **__: Any) -> None:
            """A checkpoint is no publication, and the card would hold this machine's paths."""

    gpu = torch.cuda.is_available()
    four_bit = settings.quantisation == "nf4"
    # Without a GPU an unquantised base is float32, and stays so.
    mixed = gpu or four_bit
    options = SFTConfig(
        output_dir=str(folder),
        num_train_epochs=settings.epochs,
        per_device_train_batch_size=settings.batch_size,
        gradient_accumulation_steps=settings.gradient_accumulation,
        learning_rate=settings.learning_rate,
        warmup_steps=settings.warmup_steps,
        lr_scheduler_type=settings.scheduler,
        optim="paged_adamw_8bit" if four_bit else "adamw_torch",
        bf16=mixed and dtype == torch.bfloat16,
        fp16=mixed and dtype == torch.float16,
        use_cpu=not gpu,
        activation_checkpointing=gpu,
        dataloader_pin_memory=gpu,
        # Rows that are too long were left out: nothing is ever cut.
        max_length=None,
        logging_steps=1,
        logging_nan_inf_filter=False,
        save_strategy="steps",
        save_steps=_steps_between_checkpoints(len(rows.rows), settings),
        save_total_limit=2,
        report_to=[],
        disable_tqdm=True,
        seed=settings.seed,
        data_seed=settings.seed,
    )
    adapter = LoraConfig(
        task_type="CAUSAL_LM",
        r=settings.lora_rank,
        lora_alpha=settings.lora_alpha,
        lora_dropout=settings.lora_dropout,
        target_modules=list(settings.target_modules),
    )
    learned = Dataset.from_list([{"input_ids": row.input_ids, "labels": row.labels} for row in rows.rows])
    # Given labels are kept by TRL as they are, and padded with -100 by its collator.
    trainer = Trainer(model=model, args=options, train_dataset=learned, processing_class=tokenizer, peft_config=adapter)
    for unwanted in (PrinterCallback, ProgressCallback):
        trainer.remove_callback(unwanted)
    if options.fp16:
        # TRL makes the adapter bfloat16, whose gradients the float16 scaler can't take.
        for weight in trainer.model.parameters():
            if weight.requires_grad:
                weight.data = weight.data.float()
    return trainer


def _steps_between_checkpoints(pairs: int, settings: TrainingSettings) -> int:
    """A checkpoint at the end of each epoch, and of every few where they are short (the last step has one anyway)."""
    an_epoch = steps_an_epoch(pairs, settings)
    return an_epoch * math.ceil(_FEWEST_STEPS / an_epoch)


def _start(model: Any, rows: Rows, settings: TrainingSettings) -> Start:
    trainable, parameters = model.get_nb_trainable_parameters()
    return Start(
        steps=0,
        epochs=settings.epochs,
        trainable=trainable,
        parameters=parameters,
        n_train=len(rows.rows),
        device=device(),
        versions=versions(),
    )


def _save_adapter(folder: Path, model: Any, tokenizer: Any, settings: TrainingSettings) -> None:
    """Write adapter/ as peft and the tokenizer write it, under its name only once it is whole."""
    # The path of a cache on this machine means nothing elsewhere.
    model.peft_config["default"].base_model_name_or_path = settings.model_name
    scratch = folder / f".{ADAPTER}.{os.getpid()}"
    # "auto" would ask the hub whether the vocabulary has changed.
    model.save_pretrained(str(scratch), save_embedding_layers=False)
    tokenizer.save_pretrained(str(scratch))
    (scratch / "README.md").unlink(missing_ok=True)
    # peft keeps the targets as a set: unsorted, the same run would write another file each time.
    config = json.loads((scratch / "adapter_config.json").read_bytes())
    config["target_modules"] = sorted(config["target_modules"])
    (scratch / "adapter_config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", "utf-8")
    scratch.rename(folder / ADAPTER)


if __name__ == "__main__":
    main()
