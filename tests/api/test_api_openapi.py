"""The OpenAPI document says what the API does: every reference leads somewhere, every example fits its form."""

import importlib
import importlib.util
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import BaseModel

from provenance.api.schemas import (
    audit,
    creators,
    fields,
    generations,
    overlaps,
    parties,
    payouts,
    rights,
    statements,
    works,
)
from provenance.services import views
from provenance.services.report import creator_report, use_details
from provenance.statements.period import Period

MODULES = (audit, creators, fields, generations, overlaps, parties, payouts, rights, statements, works)
MODELS = sorted(
    {
        model
        for module in MODULES
        for model in vars(module).values()
        if isinstance(model, type) and issubclass(model, BaseModel) and model.__module__ == module.__name__
    },
    key=lambda m: m.__name__,
)


@pytest.fixture(scope="module")
def document(callers: Any) -> dict[str, Any]:
    found: dict[str, Any] = callers.nobody.get("/openapi.json").json()
    return found


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            yield f"{method.upper()} {path}", operation


def _walk(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    references = {found["$ref"] for found in _walk(document) if isinstance(found.get("$ref"), str)}
    assert len(references) > 40
    for reference in references:
        place: Any = document
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]
    used = {r.rsplit("/", 1)[1] for r in references if r.startswith("#/components/schemas/")}
    assert set(document["components"]["schemas"]) <= used


def test_every_operation_is_described_tagged_and_named_once(document: dict[str, Any]) -> None:
    tags = {tag["name"] for tag in document["tags"]}
    names = [operation["operationId"] for _, operation in _operations(document)]
    assert len(names) == len(set(names)) > 20
    for name, operation in _operations(document):
        assert operation["description"], name
        assert set(operation["tags"]) <= tags, name
        if "/v1/" in name:
            assert operation["security"] == [{"apiKey": []}], name
            assert "Scope: " in operation["description"], name
            assert {"401", "403", "503"} <= set(operation["responses"]), name
    scheme = document["components"]["securitySchemes"]["apiKey"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")


def test_every_request_and_every_single_answer_has_an_example(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for name, operation in _operations(document):
        bodies = [operation["requestBody"]] if "requestBody" in operation else []
        bodies += [r for status, r in operation["responses"].items() if status.startswith("2") and "content" in r]
        for body in bodies:
            schema = body["content"].get("application/json", {}).get("schema")
            if schema is not None:
                model = schema["$ref"].rsplit("/", 1)[1]
                assert (
                    schemas[model].get("examples")
                    or model.startswith(("ListOf", "GenerationUses"))
                    or (model.endswith("History"))
                ), (name, model)


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.__name__)
def test_every_example_fits_its_form(model: type[BaseModel], document: dict[str, Any]) -> None:
    for found in model.model_json_schema().get("examples", []):
        model.model_validate(found)
        if importlib.util.find_spec("jsonschema"):
            importlib.import_module("jsonschema").validate(found, model.model_json_schema())


def test_errors_are_documented_as_the_problems_that_they_are(document: dict[str, Any]) -> None:
    responses = document["components"]["responses"]
    for response in responses.values():
        assert list(response["content"]) == ["application/problem+json"]
    assert "HTTPValidationError" not in document["components"]["schemas"]
    registering = document["paths"]["/v1/works"]["post"]["responses"]
    assert set(registering) == {"200", "201", "400", "401", "403", "404", "409", "413", "415", "422", "500", "503"}


def test_answers_lose_no_member_of_the_views(fresh: Any, library: Any, as_work: Any, as_generation: Any) -> None:
    """A view that gains a member must gain it in the schema too, or callers would never see it."""
    fresh.creator.post("/v1/works", json=as_work(library["essay-salt-ledger"]))
    fresh.operator.post("/v1/index")
    answered = fresh.service.post("/v1/generations", json=as_generation(library["out-essay-01"])).json()
    database = fresh.api.system.database
    assert answered == views.load_generation(database, answered["id"])
    report = fresh.creator.get("/v1/parties/oona-tresker/report").json()
    whole = Period(since=datetime(1970, 1, 1, tzinfo=UTC), until=datetime.fromisoformat(report["until"]))
    assert report == views.report_view(creator_report(database, "oona-tresker", whole, uses_max=50))
    uses = fresh.creator.get(f"/v1/parties/oona-tresker/uses/{answered['id']}").json()["uses"]
    details = use_details(database, "oona-tresker", answered["id"])
    assert uses == [views.use_detail_view(d, "oona-tresker") for d in details]


def test_the_interactive_documentation_is_there(callers: Any) -> None:
    assert "swagger" in callers.nobody.get("/docs").text.lower()
