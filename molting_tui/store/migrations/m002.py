"""Schema 2: questions, rubrics, ratings, blind sessions. Never edited: databases of it exist."""

# fmt: off
STATEMENTS = (
    # `raw` is the whole decode; `text` is the same without the token that ended it.
    "alter table answer add column text text not null default ''",
    "create index answer_question on answer (question_digest)",
    # What was asked. The digest is of prompt, system turn, follow-ups and facts; `content` holds the question whole, so
    # that an answer can be scored after the file it came from has changed or gone.
    """create table question (
        digest text primary key,
        id text not null,
        language text not null,
        content text not null check (json_valid(content))) without rowid""",
    """create table question_set (
        digest text primary key,
        id text not null,
        version text not null,
        title text not null) without rowid""",
    """create table question_of_set (
        set_digest text not null references question_set (digest),
        question_digest text not null references question (digest),
        place integer not null,
        primary key (set_digest, question_digest)) without rowid""",
    "create index question_of_set_question on question_of_set (question_digest)",
    # What was rated by, whole, for the same reason.
    """create table rubric (
        digest text primary key,
        id text not null,
        version text not null,
        dimensions integer not null,
        content text not null check (json_valid(content))) without rowid""",
    # The current ratings, folded from the events that are not undone. A level of null: not applicable.
    """create table rating (
        answer text not null references answer (uuid),
        rubric_digest text not null references rubric (digest),
        rater text not null,
        pass integer not null,
        dimension text not null,
        level integer,
        blind integer not null,
        event_id integer not null references event (id),
        time text not null,
        primary key (answer, rubric_digest, rater, pass, dimension)) without rowid""",
    "create index rating_rubric on rating (rubric_digest, rater, pass)",
    """create table rating_note (
        answer text not null references answer (uuid),
        rubric_digest text not null references rubric (digest),
        rater text not null,
        pass integer not null,
        text text not null,
        event_id integer not null references event (id),
        time text not null,
        primary key (answer, rubric_digest, rater, pass)) without rowid""",
    # Undo in scoring looks for the rater's own last rating among a million decisions.
    "create index event_rated on event (actor, id) where kind = 'rate'",
    # A blind session: which answers, in which shuffled order. `seen` is when results were first shown after its end.
    """create table score_session (
        id integer primary key,
        uuid text not null unique,
        rubric_digest text not null references rubric (digest),
        actor text not null,
        pass integer not null,
        selection text not null check (json_valid(selection)),
        started text not null,
        seen text,
        unblinded_at text,
        unblinded_by text)""",
    "create index score_session_rubric on score_session (rubric_digest, actor)",
    """create table score_item (
        session_id integer not null references score_session (id),
        place integer not null,
        answer_id integer not null references answer (id),
        skipped integer not null default 0,
        primary key (session_id, place)) without rowid""",
    "create index score_item_answer on score_item (answer_id)",
    """create view score_place as
        select i.session_id, i.place, i.skipped, a.id as answer_id, a.uuid as answer,
          (select count(*) from rating g where g.answer = a.uuid and g.rubric_digest = s.rubric_digest
             and g.rater = s.actor and g.pass = s.pass) < r.dimensions as open
        from score_item i join score_session s on s.id = i.session_id join rubric r on r.digest = s.rubric_digest
          join answer a on a.id = i.answer_id""",
    # Whose name was shown to whom before they had rated anything of that answer: what they say of it later isn't blind.
    """create table answer_shown (
        answer_id integer not null references answer (id),
        actor text not null,
        time text not null,
        primary key (answer_id, actor)) without rowid""",
    # How far each answering run was read: bytes, and their SHA-256. `damaged` lines couldn't be read; `unknown` ones
    # answer a question that isn't known here.
    """create table taken (
        run text primary key,
        size integer not null,
        mtime_ns integer not null,
        offset integer not null,
        digest text not null,
        damaged integer not null,
        unknown integer not null,
        time text not null) without rowid""",
)
# fmt: on
