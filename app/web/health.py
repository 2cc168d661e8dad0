"""Health endpoints: liveness, readiness, metrics and the explanations of problem types."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.process_collector import ProcessCollector

from app.formats.public_json import dump_json
from app.store.errors import StoreError
from app.web.openapi.responses import Responses, reference, refuses, returns
from app.web.openapi.schemas import Health, Problem
from app.web.problems import KINDS, MEDIA_TYPE, StoreUnavailable, explain
from app.web.services import ServicesDep

routes = APIRouter(tags=["operations"])
_UNKNOWN: Responses = {
    404: {
        "description": "There is no problem of this name.",
        "content": {MEDIA_TYPE: {"schema": reference(Problem)}},
    }
}


@routes.get("/healthz", operation_id="getHealth", responses=returns(Health))
async def get_health() -> Response:
    """The process runs its event loop."""
    return Response(dump_json({"status": "ok"}), media_type="application/json")


@routes.get(
    "/readyz",
    operation_id="getReadiness",
    responses=returns(Health) | refuses(StoreUnavailable),
)
async def get_readiness(services: ServicesDep) -> Response:
    """The database answers and the process is not shutting down."""
    if services.hub.is_closing:
        raise StoreUnavailable("The server is stopping.")
    try:
        await services.store.check()
    except StoreError as error:
        raise StoreUnavailable("The database does not answer.") from error
    return Response(dump_json({"status": "ready"}), media_type="application/json")


@routes.get("/metrics", operation_id="getMetrics", response_class=PlainTextResponse)
async def get_metrics(services: ServicesDep) -> Response:
    """Metrics in Prometheus's text format."""
    of_process = CollectorRegistry()
    ProcessCollector(registry=of_process)
    body = generate_latest(of_process) + generate_latest(services.hub.metrics.registry)
    return Response(body, media_type=CONTENT_TYPE_LATEST)


@routes.get(
    "/problems/{slug}",
    operation_id="getProblem",
    responses=returns(Problem) | _UNKNOWN,
)
async def get_problem(
    slug: Annotated[str, Path(description="The problem's name.", examples=["slug-taken"])],
) -> Response:
    """What a problem's type means."""
    for refusal, kind in KINDS.items():
        if kind.slug == slug:
            return Response(dump_json(explain(refusal)), media_type="application/json")
    raise HTTPException(404, "There is no problem of this name.")
