"""Query parameters: a route accepts those that it declares, in any of the possible ways."""

from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Query, Request
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from app.web.openapi.document import takes
from app.web.problems import InvalidQuery
from app.web.query import query_parameters, read_query
from app.web.query_parameters import Declared, QueryParameters, StrictQuery, declared_by_model


class Filter(BaseModel):
    coverages: Annotated[list[str] | None, Field(alias="coverage")] = None
    limit: int = 20


def depended_on(page: int = 1) -> int:
    """A dependency with a query parameter."""
    return page


routes = APIRouter(prefix="/v1")


@routes.get("/by-hand", openapi_extra=takes(*query_parameters(Filter)))
async def by_hand(request: Request) -> Any:
    """Parse the query by hand."""
    return read_query(Filter, request).model_dump(by_alias=True)


@routes.get("/by-model")
async def by_model(query: Annotated[Filter, Query()]) -> Any:
    """Use a model of FastAPI."""
    return query.model_dump(by_alias=True)


@routes.get("/by-parameter")
async def by_parameter(
    coverage: Annotated[list[str] | None, Query()] = None, limit: int = 20
) -> Any:
    """Use parameters of FastAPI."""
    return {"coverage": coverage, "limit": limit}


@routes.get("/by-dependency")
async def by_dependency(page: Annotated[int, Depends(depended_on)]) -> Any:
    """Use the parameter of a dependency."""
    return page


@pytest.fixture
def client() -> httpx.AsyncClient:
    """A client of an application with these routes."""
    app = FastAPI()
    app.include_router(routes, prefix="")
    app.add_middleware(StrictQuery, parameters=QueryParameters(app.routes))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://dateline.test")


@pytest.mark.parametrize("path", ["/v1/by-hand", "/v1/by-model", "/v1/by-parameter"])
async def test_a_list_may_be_repeated_and_nothing_else(
    client: httpx.AsyncClient, path: str
) -> None:
    """Only a list parameter may be repeated, and its values keep their order."""
    response = await client.get(f"{path}?coverage=b&limit=3&coverage=a")
    assert response.json() == {"coverage": ["b", "a"], "limit": 3}
    assert (await client.get(path)).json() == {"coverage": None, "limit": 20}
    assert (await client.get(f"{path}?limit=3&limit=3")).status_code == 422
    assert "coverage?" in (await client.get(f"{path}?coverages=a")).text


async def test_what_a_dependency_takes_is_declared(client: httpx.AsyncClient) -> None:
    """A dependency's parameter is accepted by every route that uses it."""
    assert (await client.get("/v1/by-dependency?page=3")).json() == 3
    assert (await client.get("/v1/by-dependency?pages=3")).status_code == 422


def test_a_query_of_thousands_is_refused_by_its_first() -> None:
    """A refusal lists the first five unknown parameters only."""
    query = "&".join(f"x{number}" for number in range(10_000)).encode()
    with pytest.raises(InvalidQuery) as refused:
        declared_by_model(Filter).check(query)
    assert [error["pointer"] for error in refused.value.errors] == [
        "/x0",
        "/x1",
        "/x2",
        "/x3",
        "/x4",
    ]


@given(st.binary(max_size=60), st.frozensets(st.sampled_from(["limit", "after", "lastEventId"])))
def test_any_query_is_taken_or_refused(query: bytes, names: frozenset[str]) -> None:
    """A query is accepted if every name in it is declared, and refused otherwise."""
    declared = Declared(names, lists=names)
    if {name for name, _ in declared.parse(query)} <= names:
        declared.check(query)
    else:
        with pytest.raises(InvalidQuery):
            declared.check(query)
