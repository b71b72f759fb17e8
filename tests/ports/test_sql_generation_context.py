"""What a generation was made from and when, and the public domain."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from provenance.adapters.sql import SqlDatabase
from provenance.adapters.sql.tables import metadata
from provenance.services.facts import describe, leaf
from provenance.services.records import GenerationRecord

NEW_COLUMNS = {"prompt", "made_at"}


def _with_context(record: GenerationRecord, at: Any) -> GenerationRecord:
    told = replace(record.generation, prompt="Tell me of 水.\n'); DROP TABLE part; --", made_at=at - timedelta(hours=1))
    return replace(record, generation=told)


def test_a_prompt_and_a_time_come_back_as_they_went_in(database: SqlDatabase, recorded: Any) -> None:
    told = recorded.public(_with_context(recorded.generation("told"), recorded.at))
    with database.begin(write=True) as work:
        work.generations.add(told, None, recorded.at)
        work.commit()
    with database.begin() as work:
        found = work.generations.get(told.generation.id)
        assert found is not None
        assert found.fact == told
        assert found.fact.generation.payload_digest == told.generation.payload_digest
        assert leaf(told, recorded.at) in [logged for _, logged in work.log.leaves()]


def test_a_generation_without_them_has_the_form_that_it_always_had(recorded: Any) -> None:
    record = recorded.generation()
    old = describe(record, recorded.at)[2]
    new = describe(_with_context(record, recorded.at), recorded.at)[2]
    assert set(new) - set(old) == {"prompt_sha256", "made_at"}
    assert new["made_at"] == "2026-11-21T07:00:00.123456Z"
    assert "Tell me" not in str(new), "the leaf commits to the digest: the words can be erased"


@pytest.mark.parametrize("column", sorted(NEW_COLUMNS))
def test_neither_is_changed_afterwards(recorded: Any, raw: Any, column: str) -> None:
    assert "append-only" in raw.refused(f"UPDATE generation SET {column} = NULL")


def test_a_use_has_a_known_outcome_also_in_raw_sql(recorded: Any, raw: Any) -> None:
    columns = [c.name for c in metadata.tables["work_use"].columns]
    other = {"generation": "'new'", "outcome": "'gratis'"}
    values = ", ".join(other.get(c, c) for c in columns)
    insert = f"INSERT INTO work_use ({', '.join(columns)}) SELECT {values} FROM work_use LIMIT 1"
    assert "ck_work_use_outcome" in raw.refused(insert)
    assert "foreign key" in raw.refused(insert.replace("gratis", "public_domain")).lower(), "only its seal is missing"


def test_later_revisions_are_told_with_what_their_work_had(database: SqlDatabase, recorded: Any) -> None:
    second, third = recorded.revision("share", 2), recorded.revision("share", 3)
    with database.begin(write=True) as work:
        for hours, revision in enumerate((second, third), start=1):
            at, text = recorded.at + timedelta(hours=hours), recorded.text("share", revision.number)
            work.works.add_revision(revision, text, recorded.encoder, np.zeros((3, 8), np.float32), at)
        work.commit()
    first = recorded.revision("share")
    with database.begin() as work:
        assert work.works.recorded_after(recorded.at + timedelta(hours=2)) == {}
        assert work.works.recorded_after(recorded.at + timedelta(hours=1)) == {third.id: [first.id, second.id]}
        assert work.works.recorded_after(recorded.at) == {second.id: [first.id], third.id: [first.id]}
        before = work.works.recorded_after(recorded.at - timedelta(microseconds=1))
    assert len(before) == len(recorded.works) + 2
    assert set(map(tuple, before.values())) == {()}, "what was recorded at that very moment was there"
