"""How each contender is asked: its own system prompt and chat template, and what may go by one name.

A name stands for one model, one system prompt and one template: in another of them it is another contender.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from molting_tui.errors import BadInput
from molting_tui.evaluation.asking.references import NAMED, ToAsk
from molting_tui.recipe.bases import files_here
from molting_tui.recipe.runfolder import ANSWERS, Asked, AskedContender
from molting_tui.recipe.templates import TemplateRefused, check_template, own_template
from molting_tui.regular_files import read_regular
from molting_tui.runs.folder import run_folders, runs_folder
from molting_tui.runs.starting import anywhere
from molting_tui.store.contenders import NamedContender, of_names
from molting_tui.text import show_line
from molting_tui.workspace import Workspace

BASES_OWN = "base"
"""What names the base's own template, and where a template is from that is the base's."""
_MOST = 1 << 20
"""Bytes of a system prompt or a template."""
_LONGEST_PATH = 4096


def with_prompts(contenders: Sequence[ToAsk], prompts: Sequence[str]) -> list[ToAsk]:
    """The contenders with the system prompts that were said: a text or a file with it, for all; NAME=… for one.

    Raises BadInput for a name that nobody has, two prompts for one, and a file that can't be read.
    """
    said = _by_contender(contenders, prompts, "system prompt")
    return [
        each
        if each.contender.name not in said
        else each._replace(
            contender=msgspec.structs.replace(each.contender, system_prompt=_text_of(said[each.contender.name]))
        )
        for each in contenders
    ]


def with_templates(contenders: Sequence[ToAsk], templates: Sequence[str]) -> list[ToAsk]:
    """The contenders with the chat templates that were said: a file, a base whose template it is, or `base` for the
    contender's own base; for all, or NAME=… for one. Raises BadInput as `with_prompts`, and for a template that can't
    be read."""
    said = _by_contender(contenders, templates, "template")
    return [
        each._replace(contender=_in_template(each.contender, said.get(each.contender.name, ""))) for each in contenders
    ]


def _by_contender(contenders: Sequence[ToAsk], values: Sequence[str], what: str) -> dict[str, str]:
    """What was said of each contender, by its name: what is said of one wins over what is said of all."""
    names = [each.contender.name for each in contenders]
    all_of_them: list[str] = []
    own: dict[str, str] = {}
    for value in values:
        named = NAMED.fullmatch(value)
        if not named or _is_file(value):
            all_of_them.append(value)
        elif named[1] not in names:
            raise BadInput(
                f"no contender is called `{show_line(named[1], 60)}`, so its {what} is nobody's.",
                fix=f"They are called {show_line(', '.join(names), 200)}; a text with such a beginning goes in a file.",
            )
        elif named[1] in own:
            raise BadInput(f"two of a {what} for `{named[1]}`.", fix="Leave one away, or ask it twice: NAME=CONTENDER.")
        else:
            own[named[1]] = named[2]
    if len(all_of_them) > 1:
        raise BadInput(f"two of a {what} for all contenders.", fix="Say whose: NAME=…")
    return dict.fromkeys(names, all_of_them[0]) | own if all_of_them else own


def _is_file(value: str) -> bool:
    try:
        return len(value) < _LONGEST_PATH and "\n" not in value and Path(os.path.expanduser(value)).is_file()
    except (OSError, ValueError):
        return False


def _text_of(value: str) -> str:
    """A text as it was given, or that of the file that it names."""
    if not _is_file(value):
        return value
    path = Path(os.path.expanduser(value))
    try:
        return read_regular(path, _MOST).decode("utf-8-sig").strip()
    except OSError as error:
        raise BadInput(f"can't be read: {error.strerror or error}.", where=value, fix="Check the file.") from error
    except UnicodeDecodeError as error:
        raise BadInput("isn't UTF-8.", where=value, fix="Save the file as UTF-8.") from error


def _in_template(contender: AskedContender, said: str) -> AskedContender:
    """The contender with the template that was said (empty: as it is), and with its digest where that can be told."""
    text, source = contender.template, contender.template_from
    if said == BASES_OWN:
        text, source = "", BASES_OWN
    elif said:
        text, source = _template_called(said)
    elif not text:
        source = BASES_OWN
    whole = text or _template_of_base(contender.base)
    digest = hashlib.sha256(whole.encode()).hexdigest() if whole else ""
    return msgspec.structs.replace(contender, template=text, template_from=source, template_digest=digest)


def _template_called(said: str) -> tuple[str, str]:
    """A template and where it is from, by the file's or the base's name. Raises BadInput."""
    if _is_file(said):
        text = _text_of(said)
        if not text:
            raise BadInput("there is no template in it.", where=said, fix="Name a Jinja file with a chat template.")
        return text, f"file {Path(said).name}"
    folder = files_here(said)
    text = (own_template(folder) or "") if folder else ""
    if not text:
        why = "has no chat template" if folder else "is no file, and no base on this machine"
        raise BadInput(
            f"{why}.", where=show_line(said, 120), fix="Name a file with a template, a base that has one, or `base`."
        )
    return text, f"the base {show_line(said, 120)}"


def _template_of_base(base: str) -> str:
    """A base's own template, where its files are on this machine; else empty: it is known when it is asked."""
    try:
        folder = files_here(base) if base else None
        return (own_template(folder) or "") if folder else ""
    except BadInput:  # told when it is loaded
        return ""


def differs_from_base(contender: AskedContender) -> bool:
    """Whether a contender is asked in another template than its base's, as far as that is known."""
    own = _template_of_base(contender.base) if contender.template else ""
    return bool(own) and own != contender.template


def check_templates(contenders: Iterable[AskedContender], questions: Sequence[Asked]) -> None:
    """Raise BadInput for a template that can't be read or refuses what it will be given: a system turn, a second
    question. The base's own is judged when it is loaded."""
    for contender in contenders:
        if not contender.template:
            continue
        where = f"{show_line(contender.name, 60)}, {contender.template_from}"
        kinds = {
            (bool((contender.system_prompt if asked.system is None else asked.system).strip()), bool(asked.followups))
            for asked in questions
        }
        for with_system, with_followup in sorted(kinds):
            turns = ["user", "assistant", "user"] if with_followup else ["user"]
            roles = ["system", *turns] if with_system else turns
            try:
                check_template(contender.template, where, [{"role": role, "content": "Olá."} for role in roles])
            except TemplateRefused:
                raise
            except BadInput as error:
                fix = f"Ask it in another: --template {contender.name}=FILE, or {contender.name}=base for its base's."
                raise BadInput(error.what, where=where, fix=fix) from error


# Names


def refuse_others_of_a_name(workspace: Workspace, contenders: Sequence[AskedContender]) -> None:
    """Answers are shown by their contender's name: another model, prompt or template under it would be scored as the
    same one. Raises BadInput. How answers are drawn doesn't make another name (each question set brings its own way):
    results say where it differs."""
    asked = {each.name: each for each in contenders}
    # Answers of theirs may not have been taken in yet.
    answering = [folder.name for folder in run_folders(runs_folder(workspace)) if (folder / ANSWERS).exists()]
    for known in of_names(workspace.store, answering):
        if known.name in asked:
            what = _difference(asked[known.name], known)
            if what:
                raise BadInput(what, fix=f"Call this one otherwise: OTHER-NAME={known.name}")


def _difference(asked: AskedContender, known: NamedContender) -> str:
    """What makes it another contender than the one that is known by its name; empty: nothing."""
    model = (anywhere(asked.base), asked.adapter_digest, asked.url, asked.model)
    name = show_line(known.name, 60)
    if model != (known.base, known.adapter_digest, known.url, known.model):
        which = f"{known.model} at {known.url}" if known.url else known.base
        also = ", another adapter" if known.adapter_digest else ""
        return f"another model has answered as `{name}` before ({show_line(which, 80)}{also})."
    if known.system_prompt is not None and known.system_prompt.strip() != asked.system_prompt.strip():
        before = f"“{show_line(known.system_prompt, 60)}”" if known.system_prompt.strip() else "none"
        return f"`{name}` has answered with another system prompt before ({before})."
    if known.template and asked.template_digest and known.template != asked.template_digest:
        return f"`{name}` has answered in another chat template before ({known.template[:8]})."
    return ""
