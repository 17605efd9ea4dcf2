"""Every key once: footer, help, palette and docs/keys.md are made from this."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from textual.binding import Binding


class Action(NamedTuple):
    """Something a key does. `id` is what users remap it by; `keys` are comma-separated; `screen` is where it works
    (empty: everywhere); `group` is the heading it stands under in help and palette; `name` is the Textual action;
    `footer` says how early it is shown there (0: not at all)."""

    id: str
    keys: str
    screen: str
    group: str
    name: str
    label: str
    meaning: str
    footer: int = 0


EVERYWHERE, HOME, TRIAGE, DATASETS, TRAIN = "", "home", "triage", "datasets", "train"
SCORE, BATTLE, RESULTS = "score", "battle", "results"
QUESTIONS, ANSWERS, STATISTICS = "questions", "answers", "statistics"
READER, EDITOR, PERSONA, FLAGS = "reader", "editor", "persona", "flags"
EDITORS = (EDITOR, PERSONA)
"""Where letters type: keys work while a text has the focus, and those of everywhere that are letters don't."""
QUIT = "ctrl+q"

DECIDE, WORDS, MANY, WORK = "Decide", "Words and marks", "Many at once", "Start and end"
MOVE, READ, FIND, ELSEWHERE = "Move", "Read", "Find", "Elsewhere"
GROUPS = (DECIDE, WORDS, MANY, WORK, MOVE, READ, FIND, ELSEWHERE)
"""The headings, in the order they are shown in. `WORK` begins and ends what takes a while: an import, a run, a session
of scoring; `MANY` is of several pairs in one step."""

ACTIONS = (
    Action("app.triage", "f2", EVERYWHERE, ELSEWHERE, "app.triage", "triage", "Go to the pairs"),
    Action(
        "app.datasets", "f3", EVERYWHERE, ELSEWHERE, "app.datasets", "datasets", "Go to the datasets: freeze, compare"
    ),
    Action("app.train", "f4", EVERYWHERE, ELSEWHERE, "app.train", "train", "Go to the runs: start, watch, stop"),
    Action("app.score", "f5", EVERYWHERE, ELSEWHERE, "app.score", "score", "Go to the answers that wait for a score"),
    Action(
        "app.battle", "f6", EVERYWHERE, ELSEWHERE, "app.battle", "battle", "Go to the battles: two answers side by side"
    ),
    Action("app.results", "f7", EVERYWHERE, ELSEWHERE, "app.results", "results", "Go to the scores"),
    Action("app.questions", "f8", EVERYWHERE, ELSEWHERE, "app.questions", "question bank", "Go to the question bank"),
    Action(
        "app.statistics",
        "f9",
        EVERYWHERE,
        ELSEWHERE,
        "app.statistics",
        "statistics",
        "Go to the statistics of the pairs",
    ),
    Action("app.help", "question_mark", EVERYWHERE, ELSEWHERE, "app.help", "help", "All keys of this screen", 99),
    Action(
        "app.palette",
        "colon,ctrl+p",
        EVERYWHERE,
        ELSEWHERE,
        "app.command_palette",
        "palette",
        "Every action by name, bulk steps too",
        98,
    ),
    Action(
        "app.suspend",
        "ctrl+z",
        EVERYWHERE,
        ELSEWHERE,
        "app.suspend_process",
        "suspend",
        "To the shell; `fg` comes back",
    ),
    Action("app.quit", QUIT, EVERYWHERE, ELSEWHERE, "app.quit", "quit", "Leave molting; nothing is ever unsaved"),
    Action("home.import", "I", HOME, WORK, "import_files", "import", "Import a folder of sessions or a chat file", 2),
    Action("home.persona", "e", HOME, WORDS, "app.persona", "persona", "The persona's names and its system prompt"),
    Action("home.projects", "P", HOME, FIND, "app.projects", "projects", "The projects, and what is open in each", 4),
    Action("home.export", "w", HOME, WORK, "export_file", "export", "Write the kept pairs to a file", 3),
    Action("home.info", "i", HOME, READ, "info", "info", "The workspace: folder, database, versions, settings"),
    Action("home.questions", "b", HOME, ELSEWHERE, "app.questions", "question bank", "Go to the question bank"),
    Action(
        "home.go", "enter", HOME, ELSEWHERE, "go", "triage", "Go to the pairs; first to new ones, where some wait", 1
    ),
    Action("home.down", "j,down", HOME, READ, "scroll(1)", "down", "Scroll down"),
    Action("home.up", "k,up", HOME, READ, "scroll(-1)", "up", "Scroll up"),
    Action("home.half_down", "ctrl+d", HOME, READ, "page(0.5)", "half a page down", "Half a page down"),
    Action("home.half_up", "ctrl+u", HOME, READ, "page(-0.5)", "half a page up", "Half a page up"),
    Action("home.page_down", "pagedown", HOME, READ, "page(1)", "page down", "A page down"),
    Action("home.page_up", "pageup", HOME, READ, "page(-1)", "page up", "A page up"),
    Action("home.quit", "q", HOME, ELSEWHERE, "app.quit", "quit", "Leave molting", 90),
    Action("pair.keep", "a", TRIAGE, DECIDE, "decide('keep')", "keep", "Keep the pair, go to the next", 1),
    Action("pair.drop", "x", TRIAGE, DECIDE, "decide('drop')", "drop", "Drop the pair, go to the next", 2),
    Action("pair.drop_why", "X", TRIAGE, DECIDE, "drop_with_reason", "drop, why", "Drop the pair and say why"),
    Action("pair.skip", "space", TRIAGE, DECIDE, "decide('skip')", "skip", "Leave the pair open, go to the next", 4),
    Action(
        "pair.rewrite", "e", TRIAGE, WORDS, "rewrite", "rewrite", "Rewrite the pair here, the difference in sight", 3
    ),
    Action("pair.editor", "E", TRIAGE, WORDS, "editor", "rewrite in $EDITOR", "Rewrite the answer in your own editor"),
    Action(
        "pair.undo", "u,backspace", TRIAGE, DECIDE, "undo", "undo", "Take back your last step, on whichever pair", 5
    ),
    Action("pair.redo", "ctrl+r", TRIAGE, DECIDE, "redo", "redo", "Bring back the step you took back"),
    Action("list.next", "j,down", TRIAGE, MOVE, "move(1)", "next", "Next pair"),
    Action("list.previous", "k,up", TRIAGE, MOVE, "move(-1)", "previous", "Previous pair"),
    Action("list.first", "g,home", TRIAGE, MOVE, "end(0)", "first", "First pair"),
    Action("list.last", "G,end", TRIAGE, MOVE, "end(1)", "last", "Last pair"),
    Action(
        "list.next_open", "full_stop", TRIAGE, MOVE, "move_open(1)", "next open", "Next pair that is not decided", 6
    ),
    Action(
        "list.previous_open",
        "comma",
        TRIAGE,
        MOVE,
        "move_open(-1)",
        "previous open",
        "Previous pair that is not decided",
    ),
    Action("text.down", "J", TRIAGE, READ, "scroll(1)", "text down", "Scroll the text down a line"),
    Action("text.up", "K", TRIAGE, READ, "scroll(-1)", "text up", "Scroll the text up a line"),
    Action(
        "text.half_down", "ctrl+d", TRIAGE, READ, "page(0.5)", "half a page down", "Scroll the text down by half a page"
    ),
    Action("text.half_up", "ctrl+u", TRIAGE, READ, "page(-0.5)", "half a page up", "Scroll the text up by half a page"),
    Action("text.page_down", "pagedown", TRIAGE, READ, "page(1)", "page down", "Scroll the text down by a page"),
    Action("text.page_up", "pageup", TRIAGE, READ, "page(-1)", "page up", "Scroll the text up by a page"),
    Action("list.search", "slash", TRIAGE, FIND, "search", "search", "Search the words of this list", 7),
    Action("list.next_hit", "n", TRIAGE, FIND, "hit(1)", "next hit", "Next pair with a hit"),
    Action("list.previous_hit", "N", TRIAGE, FIND, "hit(-1)", "previous hit", "Previous pair with a hit"),
    Action("list.filter", "F", TRIAGE, FIND, "filter", "filter", "Choose which pairs are in the list", 8),
    Action("list.projects", "P", TRIAGE, FIND, "app.projects", "projects", "Go to the pairs of a project"),
    Action("pair.star", "asterisk", TRIAGE, WORDS, "star", "star", "Star the pair, or take the star away"),
    Action("pair.tag", "t", TRIAGE, WORDS, "tag", "tag", "Tag the pair, or take that tag away"),
    Action(
        "list.range",
        "v",
        TRIAGE,
        MANY,
        "range",
        "range",
        "Mark a range; the next word is of all of it",
        11,
    ),
    Action("pair.tag_again", "T", TRIAGE, WORDS, "tag_again", "last tag again", "The last tag, on this pair or range"),
    Action("list.sort", "o", TRIAGE, FIND, "sort", "sort", "Choose the order of the list; o again turns it round", 12),
    Action("pair.comment", "c", TRIAGE, WORDS, "comment", "comment", "Write a comment on the pair"),
    Action("pair.mask", "m", TRIAGE, WORDS, "mask", "mask secrets", "Rewrite the pair with its secrets masked"),
    Action(
        "session.before",
        "left_square_bracket",
        TRIAGE,
        READ,
        "unfold(-1)",
        "turn before",
        "One more turn before the pair; then fold",
    ),
    Action(
        "session.after",
        "right_square_bracket",
        TRIAGE,
        READ,
        "unfold(1)",
        "turn after",
        "One more turn after the pair; then fold",
    ),
    Action("pair.info", "i", TRIAGE, READ, "info", "info", "Where the pair comes from, its flags and its history", 9),
    Action("pair.copy", "y", TRIAGE, READ, "copy", "copy", "Copy the answer to your terminal's clipboard"),
    Action("list.export", "w", TRIAGE, WORK, "export", "export", "Write what is kept of this list to a file"),
    Action("list.toggle", "tab", TRIAGE, READ, "toggle_list", "list", "Show or hide the list", 10),
    Action("text.zoom", "z", TRIAGE, READ, "zoom", "zoom", "The text alone, or everything"),
    Action(
        "text.fold_code", "enter", TRIAGE, READ, "fold_code", "unfold code", "Show long code whole, or fold it again"
    ),
    Action(
        "text.code_right", "greater_than_sign", TRIAGE, READ, "sideways(1)", "code right", "Move code to its right part"
    ),
    Action(
        "text.code_left", "less_than_sign", TRIAGE, READ, "sideways(-1)", "code left", "Move code back to its left part"
    ),
    Action("triage.back", "q,escape", TRIAGE, ELSEWHERE, "back", "back", "Back to the home screen", 90),
    Action("dataset.freeze", "s", DATASETS, WORK, "freeze", "freeze", "Freeze what is kept under a name", 1),
    Action("dataset.compare", "d", DATASETS, WORK, "compare", "compare", "Compare the dataset with another one", 2),
    Action("dataset.next", "j,down", DATASETS, MOVE, "move(1)", "next", "Next dataset"),
    Action("dataset.previous", "k,up", DATASETS, MOVE, "move(-1)", "previous", "Previous dataset"),
    Action("dataset.first", "g,home", DATASETS, MOVE, "end(0)", "newest", "The newest dataset"),
    Action("dataset.last", "G,end", DATASETS, MOVE, "end(1)", "oldest", "The oldest dataset"),
    Action("dataset.down", "J", DATASETS, READ, "scroll(1)", "text down", "Scroll the text down a line", 3),
    Action("dataset.up", "K", DATASETS, READ, "scroll(-1)", "text up", "Scroll the text up a line", 4),
    Action(
        "dataset.half_down", "ctrl+d", DATASETS, READ, "page(0.5)", "half a page down", "Scroll the text by half a page"
    ),
    Action("dataset.half_up", "ctrl+u", DATASETS, READ, "page(-0.5)", "half a page up", "Scroll back by half a page"),
    Action("dataset.page_down", "pagedown", DATASETS, READ, "page(1)", "page down", "Scroll the text by a page"),
    Action("dataset.page_up", "pageup", DATASETS, READ, "page(-1)", "page up", "Scroll back by a page"),
    Action("dataset.toggle", "tab", DATASETS, READ, "toggle_list", "list", "Show or hide the list of datasets", 7),
    Action("dataset.zoom", "z", DATASETS, READ, "zoom", "zoom", "The text alone, or everything"),
    Action("datasets.back", "q,escape", DATASETS, ELSEWHERE, "back", "back", "Back to the home screen", 90),
    Action("run.start", "s", TRAIN, WORK, "start", "start", "Freeze what is kept and start a training run", 1),
    Action("run.stop", "S", TRAIN, WORK, "stop", "stop and save", "Stop the run; it saves a checkpoint first", 2),
    Action(
        "run.answer", "Q", TRAIN, WORK, "answer", "ask questions", "Ask the run's model and its base a question set", 3
    ),
    Action("run.next", "j,down", TRAIN, MOVE, "move(1)", "next", "Next run"),
    Action("run.previous", "k,up", TRAIN, MOVE, "move(-1)", "previous", "Previous run"),
    Action("run.first", "g,home", TRAIN, MOVE, "end(0)", "first", "First run"),
    Action("log.follow", "G,end", TRAIN, MOVE, "follow", "follow", "Follow the end of the log", 4),
    Action("log.down", "J", TRAIN, READ, "scroll(1)", "log down", "Scroll the log down a line"),
    Action("log.up", "K", TRAIN, READ, "scroll(-1)", "log up", "Scroll the log up a line"),
    Action(
        "log.half_down", "ctrl+d", TRAIN, READ, "page(0.5)", "half a page down", "Scroll the log down by half a page"
    ),
    Action("log.half_up", "ctrl+u", TRAIN, READ, "page(-0.5)", "half a page up", "Scroll the log up by half a page"),
    Action("log.page_down", "pagedown", TRAIN, READ, "page(1)", "page down", "Scroll the log down by a page"),
    Action("log.page_up", "pageup", TRAIN, READ, "page(-1)", "page up", "Scroll the log up by a page"),
    Action("log.search", "slash", TRAIN, FIND, "search", "search", "Search the log", 5),
    Action("log.next_hit", "n", TRAIN, FIND, "hit(1)", "next hit", "Next line of the log with a hit"),
    Action("log.previous_hit", "N", TRAIN, FIND, "hit(-1)", "previous hit", "Previous line of the log with a hit"),
    Action("run.info", "i", TRAIN, READ, "info", "info", "What the run was told and what came of it", 6),
    Action("run.toggle", "tab", TRAIN, READ, "toggle_list", "list", "Show or hide the list of runs", 7),
    Action("run.zoom", "z", TRAIN, READ, "zoom", "zoom", "The log alone, or everything"),
    Action("train.back", "q,escape", TRAIN, ELSEWHERE, "back", "back", "Back to the home screen; the run goes on", 90),
    Action(
        "rate.level", "0,1,2,3,4,5,6,7,8,9", SCORE, DECIDE, "rate", "level", "Level of this dimension, then the next", 1
    ),
    Action(
        "rate.not_applicable",
        "minus",
        SCORE,
        DECIDE,
        "not_applicable",
        "not applicable",
        "The dimension can't be judged here",
        2,
    ),
    Action("rate.next_dimension", "right", SCORE, MOVE, "dimension(1)", "dimension", "Next dimension", 6),
    Action("rate.previous_dimension", "left", SCORE, MOVE, "dimension(-1)", "previous dimension", "Previous dimension"),
    Action("rate.skip", "space", SCORE, DECIDE, "skip", "skip", "Leave the answer open, go on", 4),
    Action("rate.note", "c", SCORE, WORDS, "note", "note", "Write a note on the answer", 5),
    Action("rate.close", "C", SCORE, WORK, "close", "close", "Close a session before its last answer"),
    Action("rate.undo", "u,backspace", SCORE, DECIDE, "undo", "undo", "Take back your last rating, wherever it was", 3),
    Action("rate.redo", "ctrl+r", SCORE, DECIDE, "redo", "redo", "Bring back the rating you took back"),
    Action("answer.next", "j,down", SCORE, MOVE, "move(1)", "next", "Next answer"),
    Action("answer.previous", "k,up", SCORE, MOVE, "move(-1)", "previous", "Previous answer"),
    Action("answer.first", "g,home", SCORE, MOVE, "end(0)", "first", "First answer"),
    Action("answer.last", "G,end", SCORE, MOVE, "end(1)", "last", "Last answer"),
    Action("answer.next_open", "full_stop", SCORE, MOVE, "move_open(1)", "next open", "Next unscored answer", 7),
    Action("answer.previous_open", "comma", SCORE, MOVE, "move_open(-1)", "previous open", "Previous unscored answer"),
    Action("answer.down", "J", SCORE, READ, "scroll(1)", "text down", "Scroll the answer down a line"),
    Action("answer.up", "K", SCORE, READ, "scroll(-1)", "text up", "Scroll the answer up a line"),
    Action(
        "answer.half_down",
        "ctrl+d",
        SCORE,
        READ,
        "page(0.5)",
        "half a page down",
        "Scroll the answer down by half a page",
    ),
    Action(
        "answer.half_up", "ctrl+u", SCORE, READ, "page(-0.5)", "half a page up", "Scroll the answer up by half a page"
    ),
    Action("answer.page_down", "pagedown", SCORE, READ, "page(1)", "page down", "Scroll the answer down by a page"),
    Action("answer.page_up", "pageup", SCORE, READ, "page(-1)", "page up", "Scroll the answer up by a page"),
    Action("rubric.info", "i", SCORE, READ, "info", "rubric", "The whole question and rubric, every level", 8),
    Action("answer.copy", "y", SCORE, READ, "copy", "copy", "Copy the answer to your clipboard"),
    Action("answer.zoom", "z", SCORE, READ, "zoom", "zoom", "The answer alone, or everything"),
    Action(
        "answer.fold_code", "enter", SCORE, READ, "fold_code", "unfold code", "Show long code whole, or fold it again"
    ),
    Action(
        "answer.code_right",
        "greater_than_sign",
        SCORE,
        READ,
        "sideways(1)",
        "code right",
        "Move code to its right part",
    ),
    Action(
        "answer.code_left",
        "less_than_sign",
        SCORE,
        READ,
        "sideways(-1)",
        "code left",
        "Move code back to its left part",
    ),
    Action("answer.flags", "f", SCORE, DECIDE, "flags", "flags", "Flags of a scored answer, to overrule", 9),
    Action("score.back", "q,escape", SCORE, ELSEWHERE, "back", "back", "Home; every rating is stored", 90),
    Action(
        "vote.left", "1,left", BATTLE, DECIDE, "vote('left')", "left is better", "The left answer is better, go on", 1
    ),
    Action("vote.right", "2,right", BATTLE, DECIDE, "vote('right')", "right", "The right answer is better, go on", 2),
    Action("vote.tie", "3,equals_sign", BATTLE, DECIDE, "vote('tie')", "tie", "Both are as good, go on", 3),
    Action("vote.both_bad", "0", BATTLE, DECIDE, "vote('both_bad')", "both bad", "Both are bad, go on", 4),
    Action("vote.skip", "space", BATTLE, DECIDE, "skip", "skip", "Leave the battle open, go on", 5),
    Action("vote.undo", "u,backspace", BATTLE, DECIDE, "undo", "undo", "Take back your last vote, guess or note", 6),
    Action("vote.redo", "ctrl+r", BATTLE, DECIDE, "redo", "redo", "Bring back what you took back"),
    Action("vote.note", "c", BATTLE, WORDS, "note", "note", "Write a note on the battle", 7),
    Action(
        "battle.info", "i", BATTLE, READ, "info", "question and rubric", "The question, the rubric, the whole seal", 8
    ),
    Action("vote.guess", "W", BATTLE, DECIDE, "guess", "guess", "Guess which answer is the newer version's", 10),
    Action(
        "battle.begin", "enter", BATTLE, WORK, "begin", "begin", "Begin; in a battle show long code whole, or fold it"
    ),
    Action("battle.next", "j,down", BATTLE, MOVE, "move(1)", "next", "Next battle"),
    Action("battle.previous", "k,up", BATTLE, MOVE, "move(-1)", "previous", "Previous battle"),
    Action("battle.first", "g,home", BATTLE, MOVE, "end(0)", "first", "First battle"),
    Action("battle.last", "G,end", BATTLE, MOVE, "end(1)", "last", "Last battle"),
    Action(
        "battle.next_open", "full_stop", BATTLE, MOVE, "move_open(1)", "next open", "Next battle without a vote", 11
    ),
    Action(
        "battle.previous_open", "comma", BATTLE, MOVE, "move_open(-1)", "previous open", "Previous one without a vote"
    ),
    Action("battle.down", "J", BATTLE, READ, "scroll(1)", "text down", "Scroll both answers down a line", 9),
    Action("battle.up", "K", BATTLE, READ, "scroll(-1)", "text up", "Scroll both answers up a line"),
    Action(
        "battle.half_down", "ctrl+d", BATTLE, READ, "page(0.5)", "half a page down", "Both answers half a page down"
    ),
    Action("battle.half_up", "ctrl+u", BATTLE, READ, "page(-0.5)", "half a page up", "Both answers half a page up"),
    Action("battle.page_down", "pagedown", BATTLE, READ, "page(1)", "page down", "Both answers a page down"),
    Action("battle.page_up", "pageup", BATTLE, READ, "page(-1)", "page up", "Both answers a page up"),
    Action("battle.copy", "y", BATTLE, READ, "copy", "copy", "Copy both answers to your clipboard"),
    Action("battle.zoom", "z", BATTLE, READ, "zoom", "zoom", "The answers alone, or everything"),
    Action(
        "battle.code_right",
        "greater_than_sign",
        BATTLE,
        READ,
        "sideways(1)",
        "code right",
        "Move code to its right part",
    ),
    Action(
        "battle.code_left",
        "less_than_sign",
        BATTLE,
        READ,
        "sideways(-1)",
        "code left",
        "Move code back to its left part",
    ),
    Action("battle.end", "C", BATTLE, WORK, "close", "end", "End the session and tell who was who", 12),
    Action("battle.back", "q,escape", BATTLE, ELSEWHERE, "back", "back", "Home; every vote is stored", 90),
    Action(
        "results.fact", "enter", RESULTS, READ, "fact", "its answers", "The answers to the fact or question here", 1
    ),
    Action("results.answers", "tab", RESULTS, READ, "answers", "all answers", "The answers by name, closed", 2),
    Action("results.turns", "h", RESULTS, READ, "turning_fact", "hangs on", "Both answers to the fact it hangs on", 5),
    Action("results.pair", "d", RESULTS, READ, "pair", "compare…", "The verdict on two contenders that you choose", 3),
    Action("results.rubric", "r", RESULTS, READ, "rubric", "rubric…", "Results under another rubric", 4),
    Action("results.info", "i", RESULTS, READ, "info", "levels", "The rubric: what every level means", 6),
    Action("results.next", "j,down", RESULTS, MOVE, "move(1)", "next", "Next fact or question", 7),
    Action("results.previous", "k,up", RESULTS, MOVE, "move(-1)", "previous", "Previous fact or question"),
    Action("results.first", "g,home", RESULTS, MOVE, "end(0)", "beginning", "To the beginning"),
    Action("results.last", "G,end", RESULTS, MOVE, "end(1)", "end", "To the end"),
    Action("results.down", "J", RESULTS, READ, "scroll(1)", "text down", "Scroll the page down a line", 8),
    Action("results.up", "K", RESULTS, READ, "scroll(-1)", "text up", "Scroll the page up a line"),
    Action("results.half_down", "ctrl+d", RESULTS, READ, "page(0.5)", "half a page down", "Half a page down"),
    Action("results.half_up", "ctrl+u", RESULTS, READ, "page(-0.5)", "half a page up", "Half a page up"),
    Action("results.page_down", "pagedown", RESULTS, READ, "page(1)", "page down", "A page down"),
    Action("results.page_up", "pageup", RESULTS, READ, "page(-1)", "page up", "A page up"),
    Action("results.back", "q,escape", RESULTS, ELSEWHERE, "back", "back", "Back to the home screen", 90),
    Action("answers.open", "enter", ANSWERS, READ, "open", "open", "Show the answer: from now on it counts as seen", 1),
    Action("answers.next", "j,down", ANSWERS, MOVE, "move(1)", "next", "Next answer", 2),
    Action("answers.previous", "k,up", ANSWERS, MOVE, "move(-1)", "previous", "Previous answer", 3),
    Action("answers.half_down", "ctrl+d", ANSWERS, MOVE, "page(0.5)", "half a page down", "Half a page of answers on"),
    Action("answers.half_up", "ctrl+u", ANSWERS, MOVE, "page(-0.5)", "half a page up", "Half a page of answers back"),
    Action("answers.page_down", "pagedown", ANSWERS, MOVE, "page(1)", "page down", "A page of answers on"),
    Action("answers.page_up", "pageup", ANSWERS, MOVE, "page(-1)", "page up", "A page of answers back"),
    Action("answers.first", "g,home", ANSWERS, MOVE, "end(0)", "first", "First answer"),
    Action("answers.last", "G,end", ANSWERS, MOVE, "end(1)", "last", "Last answer"),
    Action("answers.toggle", "tab", ANSWERS, ELSEWHERE, "toggle_list", "results", "Back to the results", 4),
    Action("answers.back", "q,escape", ANSWERS, ELSEWHERE, "back", "back", "Back to the results", 90),
    Action("question.take", "a", QUESTIONS, DECIDE, "take", "take", "Take the question: it is asked from now on", 1),
    Action("question.drop", "x", QUESTIONS, DECIDE, "drop", "drop", "Drop the question, never to be proposed again", 2),
    Action("question.rewrite", "e", QUESTIONS, WORDS, "rewrite", "rewrite", "Write the question or its fact anew", 3),
    Action("question.propose", "p", QUESTIONS, WORK, "propose", "propose", "Propose more questions", 4),
    Action(
        "question.undo", "u,backspace", QUESTIONS, DECIDE, "undo", "undo", "Take back your last step on the bank", 5
    ),
    Action("question.redo", "ctrl+r", QUESTIONS, DECIDE, "redo", "redo", "Bring back the step you took back"),
    Action(
        "question.next_open", "full_stop", QUESTIONS, MOVE, "move_open(1)", "next proposed", "Next proposed question", 6
    ),
    Action(
        "question.previous_open", "comma", QUESTIONS, MOVE, "move_open(-1)", "previous proposed", "The one before it"
    ),
    Action("question.role", "R", QUESTIONS, WORDS, "role", "role", "Memory, generalise or control, in turn", 7),
    Action("question.cluster", "L", QUESTIONS, WORDS, "cluster", "cluster", "Say which fact the question asks for", 8),
    Action("question.filter", "F", QUESTIONS, FIND, "filter", "filter", "Proposed, open, dropped or all, in turn", 9),
    Action("question.info", "i", QUESTIONS, READ, "info", "info", "Everything about the question, and its history", 10),
    Action("question.next", "j,down", QUESTIONS, MOVE, "move(1)", "next", "Next question"),
    Action("question.previous", "k,up", QUESTIONS, MOVE, "move(-1)", "previous", "Previous question"),
    Action("question.first", "g,home", QUESTIONS, MOVE, "end(0)", "first", "First question"),
    Action("question.last", "G,end", QUESTIONS, MOVE, "end(1)", "last", "Last question"),
    Action("question.down", "J", QUESTIONS, READ, "scroll(1)", "text down", "Scroll the text down a line"),
    Action("question.up", "K", QUESTIONS, READ, "scroll(-1)", "text up", "Scroll the text up a line"),
    Action(
        "question.half_down",
        "ctrl+d",
        QUESTIONS,
        READ,
        "page(0.5)",
        "half a page down",
        "Scroll the text by half a page",
    ),
    Action("question.half_up", "ctrl+u", QUESTIONS, READ, "page(-0.5)", "half a page up", "Scroll back by half a page"),
    Action("question.page_down", "pagedown", QUESTIONS, READ, "page(1)", "page down", "Scroll the text by a page"),
    Action("question.page_up", "pageup", QUESTIONS, READ, "page(-1)", "page up", "Scroll back by a page"),
    Action("question.toggle", "tab", QUESTIONS, READ, "toggle_list", "list", "Show or hide the list", 11),
    Action("question.zoom", "z", QUESTIONS, READ, "zoom", "zoom", "The text alone, or everything"),
    Action(
        "question.fold_code",
        "enter",
        QUESTIONS,
        READ,
        "fold_code",
        "unfold code",
        "Show long code whole, or fold it again",
    ),
    Action(
        "question.code_right",
        "greater_than_sign",
        QUESTIONS,
        READ,
        "sideways(1)",
        "code right",
        "Move code to its right part",
    ),
    Action(
        "question.code_left",
        "less_than_sign",
        QUESTIONS,
        READ,
        "sideways(-1)",
        "code left",
        "Move code back to its left part",
    ),
    Action("questions.back", "q,escape", QUESTIONS, ELSEWHERE, "back", "back", "Back to the home screen", 90),
    Action("stats.open", "enter", STATISTICS, ELSEWHERE, "open", "its pairs", "The pairs of this line, in triage", 1),
    Action("stats.filter", "F", STATISTICS, FIND, "filter", "filter", "Choose which pairs are counted", 2),
    Action("stats.next", "j,down", STATISTICS, MOVE, "move(1)", "next", "Next line", 3),
    Action("stats.previous", "k,up", STATISTICS, MOVE, "move(-1)", "previous", "Previous line", 4),
    Action("stats.next_section", "tab", STATISTICS, MOVE, "section(1)", "next section", "Next section", 5),
    Action(
        "stats.previous_section", "shift+tab", STATISTICS, MOVE, "section(-1)", "previous section", "Previous section"
    ),
    Action("stats.right", "right", STATISTICS, MOVE, "column(1)", "column", "To the right column", 6),
    Action("stats.left", "left", STATISTICS, MOVE, "column(-1)", "left column", "To the left column"),
    Action("stats.first", "g,home", STATISTICS, MOVE, "end(0)", "first", "First line"),
    Action("stats.last", "G,end", STATISTICS, MOVE, "end(1)", "last", "Last line"),
    Action("stats.half_down", "ctrl+d", STATISTICS, MOVE, "page(0.5)", "half a page down", "Half a page of lines on"),
    Action("stats.half_up", "ctrl+u", STATISTICS, MOVE, "page(-0.5)", "half a page up", "Half a page of lines back"),
    Action("stats.page_down", "pagedown", STATISTICS, MOVE, "page(1)", "page down", "A page of lines on"),
    Action("stats.page_up", "pageup", STATISTICS, MOVE, "page(-1)", "page up", "A page of lines back"),
    Action("stats.back", "q,escape", STATISTICS, ELSEWHERE, "back", "back", "Back to where you came from", 90),
    Action("flag.yes", "y", FLAGS, DECIDE, "say('yes')", "yes", "The flag is right; the fact is said", 1),
    Action("flag.no", "n", FLAGS, DECIDE, "say('no')", "no", "The flag is wrong; the fact is missing", 2),
    Action(
        "flag.contradicted",
        "x",
        FLAGS,
        DECIDE,
        "say('contradicted')",
        "contradicted",
        "The answer contradicts the fact",
        3,
    ),
    Action("flag.confirm", "enter", FLAGS, DECIDE, "confirm", "confirm", "Everything is right as it stands", 4),
    Action("flag.undo", "u,backspace", FLAGS, DECIDE, "undo", "undo", "Take back your last word on flags", 5),
    Action("flag.redo", "ctrl+r", FLAGS, DECIDE, "redo", "redo", "Bring back the word you took back"),
    Action("flag.next", "j,down", FLAGS, MOVE, "move(1)", "next", "Next flag or fact"),
    Action("flag.previous", "k,up", FLAGS, MOVE, "move(-1)", "previous", "Previous flag or fact"),
    Action("flag.first", "g,home", FLAGS, MOVE, "end(0)", "first", "First flag"),
    Action("flag.last", "G,end", FLAGS, MOVE, "end(1)", "last", "Last fact"),
    Action("flags.back", "q,escape", FLAGS, ELSEWHERE, "back", "back", "Back to the answer", 90),
    Action("reader.down", "j,down", READER, READ, "scroll(1)", "down", "Scroll down", 1),
    Action("reader.up", "k,up", READER, READ, "scroll(-1)", "up", "Scroll up", 2),
    Action("reader.half_down", "ctrl+d", READER, READ, "page(0.5)", "half a page down", "Half a page down"),
    Action("reader.half_up", "ctrl+u", READER, READ, "page(-0.5)", "half a page up", "Half a page up"),
    Action("reader.page_down", "pagedown", READER, READ, "page(1)", "page down", "A page down", 3),
    Action("reader.page_up", "pageup", READER, READ, "page(-1)", "page up", "A page up", 4),
    Action("reader.first", "g,home", READER, READ, "end(0)", "beginning", "To the beginning"),
    Action("reader.last", "G,end", READER, READ, "end(1)", "end", "To the end"),
    Action("reader.go", "enter", READER, READ, "go", "go there", "Go to what the page tells of; unfold long code"),
    Action(
        "reader.code_right",
        "greater_than_sign",
        READER,
        READ,
        "sideways(1)",
        "code right",
        "Move code to its right part",
    ),
    Action(
        "reader.code_left",
        "less_than_sign",
        READER,
        READ,
        "sideways(-1)",
        "code left",
        "Move code back to its left part",
    ),
    Action("reader.back", "q,escape", READER, ELSEWHERE, "back", "back", "Close", 5),
    Action("editor.save", "ctrl+s", EDITOR, WORDS, "save", "save and keep", "Keep the pair with these words", 1),
    Action("editor.side", "ctrl+t", EDITOR, WORDS, "side", "prompt / answer", "Edit the message before this one", 3),
    Action(
        "editor.message", "ctrl+g", EDITOR, WORDS, "message", "message…", "Edit another message of the pair, by number"
    ),
    Action(
        "editor.original",
        "ctrl+o",
        EDITOR,
        WORDS,
        "original",
        "original",
        "Put the original words back into the editor",
        4,
    ),
    Action(
        "editor.leave",
        "escape",
        EDITOR,
        ELSEWHERE,
        "leave",
        "leave, keep the draft",
        "Leave; the draft waits for you",
        2,
    ),
    Action("persona.save", "ctrl+s", PERSONA, WORDS, "save", "save", "Write it into molting.toml: it holds at once", 1),
    Action("persona.leave", "escape", PERSONA, ELSEWHERE, "leave", "leave", "Leave; what isn't saved is kept", 2),
    Action("persona.next", "tab", PERSONA, MOVE, "app.focus_next", "next field", "To the next field", 3),
    Action("persona.previous", "shift+tab", PERSONA, MOVE, "app.focus_previous", "field before", "To the field before"),
    Action("persona.original", "ctrl+o", PERSONA, WORDS, "original", "original", "Show what stands in molting.toml", 4),
    Action("persona.editor", "ctrl+e", PERSONA, WORDS, "editor", "$EDITOR", "Write the prompt in your own editor", 5),
)
"""All actions. What two screens both can do has the same key on each."""

_EDITING = ("app.help", "app.palette", "app.suspend")
"""Actions of everywhere whose keys an editor has for itself: letters, and ctrl+z."""
_NAMES = {
    "question_mark": "?", "colon": ":", "full_stop": ".", "comma": ",", "slash": "/", "asterisk": "*", "space": "space",
    "pagedown": "pgdn", "pageup": "pgup", "down": "↓", "up": "↑", "left": "←", "right": "→", "escape": "esc",
    "minus": "-", "equals_sign": "=", "left_square_bracket": "[", "right_square_bracket": "]",
    "f2": "F2", "f3": "F3", "f4": "F4", "f5": "F5", "f6": "F6", "f7": "F7",
    "f8": "F8", "f9": "F9", "less_than_sign": "<", "greater_than_sign": ">",
}  # fmt: skip


def actions(screen: str, keys: Mapping[str, str] | None = None) -> list[Action]:
    """The actions that work on a screen: its own, then those that work everywhere (in an editor letters type).

    `keys` are the user's own, by the action's id.
    """
    own = [action for action in ACTIONS if action.screen == screen and screen != EVERYWHERE]
    typed = _EDITING if screen in EDITORS else ()
    own += [action for action in ACTIONS if action.screen == EVERYWHERE and action.id not in typed]
    chosen = keys or {}
    return [action._replace(keys=chosen.get(action.id, action.keys)) for action in own]


def groups(screen: str, keys: Mapping[str, str] | None = None) -> list[tuple[str, list[Action]]]:
    """The actions of a screen under their headings, in the order they are shown in; headings without any are left
    out."""
    listed = actions(screen, keys)
    grouped = ((group, [action for action in listed if action.group == group]) for group in GROUPS)
    return [(group, several) for group, several in grouped if several]


def mistake(keys: Mapping[str, str]) -> str:
    """What is wrong with a user's keys (by action id) as a sentence; empty if nothing is: an id that isn't, or a key
    that would take another action's place."""
    by_id = {action.id: action for action in ACTIONS}
    unknown = sorted(set(keys) - set(by_id))
    if unknown:
        return f"[keys] names an action that doesn't exist: {unknown[0]}."
    for screen in dict.fromkeys(action.screen for action in ACTIONS):
        taken: dict[str, str] = {}
        for action in actions(screen):
            for key in keys.get(action.id, action.keys).split(","):
                other = taken.setdefault(_plain_key(key), action.id)
                if other != action.id:
                    return f"[keys] gives `{key.strip()}` to both {other} and {action.id}."
    return ""


def bindings(screen: str) -> list[Binding]:
    """The Textual bindings of one screen (or, with `EVERYWHERE`, of the app)."""
    return [
        # The editor's keys must work while the text has the focus.
        Binding(action.keys, action.name, action.label, id=action.id, show=False, priority=action.screen in EDITORS)
        for action in ACTIONS
        if action.screen == screen
    ]


def key_name(key: str) -> str:
    """How a key is written for people: `?`, `pgdn`, `ctrl+r`."""
    return _NAMES.get(key, key)


def key_names(keys: str) -> str:
    """All keys of an action, written for people."""
    return " ".join(key_name(key) for key in keys.split(","))


def _plain_key(key: str) -> str:
    """One name for a key that has two: `?` is question_mark."""
    return {
        "?": "question_mark",
        "=": "equals_sign",
        ":": "colon",
        ".": "full_stop",
        ",": "comma",
        "/": "slash",
        "*": "asterisk",
        "[": "left_square_bracket",
        "]": "right_square_bracket",
        "<": "less_than_sign",
        ">": "greater_than_sign",
    }.get(key.strip(), key.strip())
