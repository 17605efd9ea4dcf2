"""A base with the adapters of several contenders, loaded once, and how they answer."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from molting_tui.errors import BadInput, MoltingError
from molting_tui.recipe.labels import IGNORED, labelled
from molting_tui.recipe.runfolder import AnswerConfig, AskedContender, Generation
from molting_tui.regular_files import read_regular
from molting_tui.text import show_line
from training import bases
from training.asked import Drawn, Job, Turn
from training.reporting import say

_One = TypeVar("_One")
_Many = TypeVar("_Many")


BASE_ROW = "__base__"
"""What peft calls the base where each row of a batch names its adapter."""


class Contenders:
    """Those who share a base. Their adapters' weights stand beside the base's, and each row of a batch names its own.

    Without a GPU everything is computed in float32, so that an answer is the same in any batch. On a GPU the base's
    16 bits may round otherwise in another batch, and a rare token with it.
    """

    def __init__(self, base: str, contenders: Sequence[AskedContender], config: AnswerConfig) -> None:
        """Load the base and every adapter. Raises BadInput where the base can't chat or an adapter doesn't fit it."""
        self._base = base
        self._generation = config.generation
        source = bases.resolve(base, say)
        self._tokenizer = bases.load_tokenizer(source)
        if not self._tokenizer.chat_template and not all(contender.template for contender in contenders):
            raise BadInput(
                "the base has no chat template: it never learned to chat.",
                where=base,
                fix="Take the chat or instruct variant, or say its template: --template FILE.",
            )
        # Padding on the right would stand between a question and its answer.
        self._tokenizer.padding_side = "left"
        self._model = bases.load_base(source, config.quantisation, exact=True)
        self._stops = {
            template: stop_ids(self._model, self._tokenizer, template)
            for template in {contender.template for contender in contenders}
        }
        self._base_digest = bases.weights_digest(source)
        self._forget_its_own_ways()
        self._names: dict[str, str] = {}
        for adapter in dict.fromkeys(contender.adapter for contender in contenders if contender.adapter):
            self._load(Path(adapter), source)
        self._mixed = bool(self._names) and all(map(_can_be_mixed, self._model.peft_config.values()))
        # A mixed batch gains by being larger: of the same size as one contender's it takes longer (0.7-0.9x, measured).
        self._size = config.batch_size * (len(contenders) if self._mixed else 1)
        self._model.eval()

    def _forget_its_own_ways(self) -> None:
        """A base may bring a temperature or a repetition penalty of its own: here the question set says it all."""
        from transformers import GenerationConfig

        self._model.generation_config = GenerationConfig()

    def identity(self, contender: AskedContender) -> dict[str, str]:
        """What tells a contender's base and template from others of their names, and where the template is from."""
        template = contender.template or str(self._tokenizer.chat_template)
        return {
            "base_digest": self._base_digest,
            "template_digest": hashlib.sha256(template.encode()).hexdigest(),
            "template_from": contender.template_from or "base",
        }

    def in_other_templates(self, contenders: Sequence[AskedContender]) -> Iterator[str]:
        """A sentence about each contender that is asked in another chat template than its base's."""
        for contender in contenders:
            if contender.template and contender.template != self._tokenizer.chat_template:
                source = "its own" if contender.template_from == "adapter" else f"that of {contender.template_from}"
                yield (
                    f"{show_line(contender.name, 60)} is asked in another chat template than its base's: "
                    f"{show_line(source, 120)}."
                )

    def _load(self, adapter: Path, source: str) -> None:
        """Load one adapter onto the base. Raises BadInput if it was made for another; lack of memory is passed on."""
        from peft import PeftModel

        _check_same_base(adapter, self._base, source, self._tokenizer)
        name = f"a{len(self._names)}"
        try:
            if self._names:
                self._model.load_adapter(str(adapter), adapter_name=name)
            else:
                self._model = PeftModel.from_pretrained(self._model, str(adapter), adapter_name=name)
        except Exception as error:
            if _is_out_of_memory(error):
                raise
            raise BadInput(
                f"the adapter doesn't fit {self._base}: {_first_line(error)}.",
                where=str(adapter),
                fix="Ask it with the base it was trained on.",
            ) from error
        self._names[str(adapter)] = name

    def check_room(self, jobs: Sequence[Job]) -> None:
        """Raises BadInput if a prompt and its answer are longer than what the base can read at once."""
        context = getattr(self._model.config, "max_position_embeddings", None)
        longest = max(jobs, key=self._length, default=None)
        if not context or longest is None:
            return
        needed = self._length(longest) + self._generation.max_new_tokens
        if needed > context:
            raise BadInput(
                f"question {show_line(longest.question.id, 60)} and its answer take up to {needed:,} tokens; the base "
                f"reads {context:,} at once.",
                where=self._base,
                fix="Lower max_new_tokens, or shorten the question.",
            )

    def answers(self, jobs: Sequence[Job]) -> Iterator[list[Drawn]]:
        """The answers to jobs of any of them, in batches of prompts of like length. Where memory doesn't suffice the
        batches become smaller. Raises MoltingError if it doesn't suffice for one."""
        ordered = sorted(jobs, key=lambda job: (self._length(job), job.key))
        for group in self._groups(ordered):
            yield from in_batches(group, self._size, self._answered)

    def _groups(self, jobs: Sequence[Job]) -> list[list[Job]]:
        """The jobs that can be answered in one batch: all, but where some adapter can't be mixed with others, or a
        template ends its turns otherwise."""
        groups: dict[tuple[str, tuple[int, ...]], list[Job]] = {}
        for job in jobs:
            adapter = "" if self._mixed else job.contender.adapter
            groups.setdefault((adapter, tuple(self._stops[job.contender.template])), []).append(job)
        return list(groups.values())

    def _answered(self, jobs: Sequence[Job]) -> list[Drawn]:
        adapter = self._names.get(jobs[0].contender.adapter)
        if self._mixed or not self._names:
            return self._conversed(jobs)
        if adapter:
            self._model.set_adapter(adapter)
        with contextlib.nullcontext() if adapter else self._model.disable_adapter():
            return self._conversed(jobs)

    def _conversed(self, jobs: Sequence[Job]) -> list[Drawn]:
        replies: list[list[Turn]] = [[] for _ in jobs]
        for turn in range(1 + max(len(job.question.followups) for job in jobs)):
            asked = [place for place, job in enumerate(jobs) if turn <= len(job.question.followups)]
            prompts = [self._ids(jobs[place], [reply.text for reply in replies[place]]) for place in asked]
            began = time.perf_counter()
            drawn = self._generated(prompts, [jobs[place] for place in asked], turn)
            seconds = (time.perf_counter() - began) / sum(map(len, drawn))
            for place, ids in zip(asked, drawn, strict=True):
                stops = self._stops[jobs[place].contender.template]
                replies[place].append(self._read(ids, stops, seconds * len(ids), len(asked)))
        return [Drawn(job, tuple(turns)) for job, turns in zip(jobs, replies, strict=True)]

    def _length(self, job: Job) -> int:
        return len(self._ids(job))

    def _ids(self, job: Job, answers: Sequence[str] = ()) -> list[int]:
        messages = job.messages(answers)
        try:
            return encoded(self._tokenizer, messages, True, job.contender.template)
        # A template can raise whatever Python can.
        except Exception as error:
            also = " Or send no system turn." if messages[0]["role"] == "system" else ""
            raise BadInput(
                f"its chat template refuses the conversation: {_first_line(error)}.",
                where=self._base,
                fix=f"Take another base, or another template.{also}",
            ) from error

    def _generated(self, prompts: list[list[int]], jobs: Sequence[Job], turn: int) -> list[list[int]]:
        rows = [self._names.get(job.contender.adapter, BASE_ROW) for job in jobs] if self._mixed else None
        seeds = [job.seed(turn) for job in jobs]
        pad = self._tokenizer.pad_token_id
        stops = self._stops[jobs[0].contender.template]
        return generated(self._model, pad, stops, prompts, seeds, self._generation, rows)

    def _read(self, ids: list[int], stops: Sequence[int], seconds: float, at_once: int) -> Turn:
        ended = bool(ids) and ids[-1] in stops
        raw = self._tokenizer.decode(ids, skip_special_tokens=False)
        text = self._tokenizer.decode(ids[:-1], skip_special_tokens=False) if ended else raw
        return Turn(raw, text, len(ids), "stop" if ended else "length", seconds, at_once)


def generated(
    model: Any,
    pad: int,
    stops: Sequence[int],
    prompts: Sequence[list[int]],
    seeds: Sequence[int],
    how: Generation,
    adapters: Sequence[str] | None = None,
) -> list[list[int]]:
    """The new token ids after each prompt, up to and with the one that ended it. `seeds` are by prompt, and the answer
    to a prompt depends on its own seed only; so are `adapters`, by peft's names (None: the one that is switched on)."""
    import torch
    from transformers import GenerationConfig, LogitsProcessorList

    from training.sampling import RowSampler

    width = max(map(len, prompts))
    rows = [[pad] * (width - len(prompt)) + list(prompt) for prompt in prompts]
    masks = [[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts]
    with torch.inference_mode():
        whole = model.generate(
            input_ids=torch.tensor(rows, device=model.device),
            attention_mask=torch.tensor(masks, device=model.device),
            generation_config=GenerationConfig(
                do_sample=False, max_new_tokens=how.max_new_tokens, eos_token_id=list(stops), pad_token_id=pad
            ),
            logits_processor=LogitsProcessorList([RowSampler(seeds, how.temperature, how.top_p)]),
            **({} if adapters is None else {"adapter_names": list(adapters)}),
        )
    return [_until_stop(row, stops) for row in whole[:, width:].tolist()]


def in_batches(items: Sequence[_One], size: int, do: Callable[[Sequence[_One]], list[_Many]]) -> Iterator[list[_Many]]:
    """What `do` makes of the items, `size` at a time, in their order. Out of memory, a batch is tried again by halves,
    and those that follow are as small. Raises MoltingError if memory doesn't suffice for one."""
    start = 0
    while start < len(items):
        batch = items[start : start + size]
        try:
            done = do(batch)
        except Exception as error:
            if not _is_out_of_memory(error):
                raise
            if len(batch) == 1:
                raise MoltingError(
                    "there isn't enough memory for a single answer.",
                    fix="Lower max_new_tokens, take quantisation nf4, or free some memory.",
                ) from error
            size = len(batch) // 2
            say(f"out of memory with {len(batch)} answers at once: trying {size}")
        else:
            start += len(batch)
            yield done
            continue
        # Outside of the handler: the exception holds on to what has to go.
        _free_memory()


def stop_ids(model: Any, tokenizer: Any, template: str = "") -> list[int]:
    """The tokens that end an answer: the model's, the tokenizer's, and the one that the template (empty: its own) ends
    a turn with."""
    given = model.generation_config.eos_token_id
    stops = {tokenizer.eos_token_id, *([given] if isinstance(given, int) else given or [])}
    with contextlib.suppress(Exception):
        stops |= _turn_end(tokenizer, template)
    return sorted(stops)


def _turn_end(tokenizer: Any, template: str) -> set[int]:
    """The first control token after an answer, in what is learned of it: training teaches to end with that."""
    answer = "Sim."
    turns = [{"role": "user", "content": "Não?"}, {"role": "assistant", "content": answer}]
    row = labelled(turns, lambda messages, prompted: encoded(tokenizer, messages, prompted, template))
    learned = [label for label in row.labels if label != IGNORED]
    control = set(tokenizer.all_special_ids) | set(tokenizer.added_tokens_decoder)
    # A template may begin an answer with control tokens too.
    first = next(place for place in range(len(learned)) if answer in tokenizer.decode(learned[: place + 1]))
    return set([label for label in learned[first + 1 :] if label in control][:1])


def encoded(tokenizer: Any, messages: Sequence[dict[str, str]], prompted: bool, template: str = "") -> list[int]:
    """The token ids of a conversation by a chat template (empty: the tokenizer's own); `prompted` asks the assistant to
    go on."""
    text = tokenizer.apply_chat_template(
        list(messages), tokenize=False, add_generation_prompt=prompted, chat_template=template or None
    )
    ids: list[int] = tokenizer(text, add_special_tokens=False)["input_ids"]
    return ids


def _can_be_mixed(adapter: Any) -> bool:
    """Whether an adapter (peft's config) can stand in one batch with others: plain LoRA, and nothing of the base
    replaced."""
    others = (
        "use_dora", "modules_to_save", "trainable_token_indices", "target_parameters", "alora_invocation_tokens",
        "arrow_config", "layer_replication",
    )  # fmt: skip
    plain = not any(getattr(adapter, name, None) for name in others)
    return plain and adapter.peft_type == "LORA" and adapter.bias == "none"


def _check_same_base(adapter: Path, base: str, source: str, tokenizer: Any) -> None:
    """An adapter on another base of the same sizes would load, and speak nonsense."""
    try:
        trained_on = str(json.loads(read_regular(adapter / "adapter_config.json")).get("base_model_name_or_path") or "")
    except (OSError, ValueError, AttributeError) as error:
        raise BadInput(
            f"adapter_config.json can't be read: {_first_line(error)}.", where=str(adapter), fix="Train it again."
        ) from error
    hub_folder = f"models--{base.replace('/', '--')}"
    known = {base, source, Path(source).name}
    same = not trained_on or {trained_on, Path(trained_on).name} & known or hub_folder in Path(trained_on).parts
    if not same:
        raise BadInput(
            f"the adapter was trained on {show_line(trained_on)}, not on {base}.",
            where=str(adapter),
            fix="Ask it with that base.",
        )
    if (adapter / "tokenizer.json").is_file() and _vocabulary(adapter) != tokenizer.get_vocab():
        raise BadInput(
            f"the adapter was trained with another tokenizer than {base} has now: the base has changed since.",
            where=str(adapter),
            fix="Train again.",
        )


def _vocabulary(folder: Path) -> dict[str, int]:
    from tokenizers import Tokenizer

    try:
        vocabulary: dict[str, int] = Tokenizer.from_file(str(folder / "tokenizer.json")).get_vocab()
        return vocabulary
    # tokenizers raises plain Exception for whatever it can't read.
    except Exception as error:
        raise BadInput(
            f"isn't a tokenizer: {_first_line(error)}.", where=str(folder / "tokenizer.json"), fix="Train again."
        ) from error


def _until_stop(ids: list[int], stops: Sequence[int]) -> list[int]:
    end = next((place for place, token in enumerate(ids) if token in stops), len(ids) - 1)
    return ids[: end + 1]


def _is_out_of_memory(error: BaseException) -> bool:
    names = {kind.__name__ for kind in type(error).__mro__}
    return bool(names & {"MemoryError", "OutOfMemoryError"}) or "allocate memory" in str(error)


def _free_memory() -> None:
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return show_line(lines[0], 200).rstrip(".: ")
