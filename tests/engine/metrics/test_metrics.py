"""What bounds the metrics, and how their address is read."""

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from engine.admission.other_instances import RouteRef
from engine.metrics.address import (
    TOKEN_VARIABLE,
    VARIABLE,
    AddressError,
    MetricsAddress,
    metrics_address,
)
from engine.metrics.labels import MAX_COUNTED, MAX_ROUTES, OTHER, Labels, RouteLabels, labels_of
from engine.metrics.meter import Meter

TOKEN = "0123456789abcdef"


def route(number: int) -> RouteRef:
    return RouteRef("https://user:secret@gw.example:8443/v1", f"{number:024}", f"model {number}")


def test_a_route_is_named_by_host_model_and_the_beginning_of_its_hash() -> None:
    assert labels_of(route(7)) == Labels("gw.example:8443", "model 7", "00000000")
    long = RouteRef("https://gw.example/v1", "f" * 24, "m" * 500)
    assert len(labels_of(long).model) == 60


def test_the_most_used_are_named_and_the_rest_is_other() -> None:
    dropped: list[Labels] = []
    labels = RouteLabels(dropped.append)
    for number in range(MAX_ROUTES):
        for _ in range(2):
            assert labels.used(route(number)) == labels_of(route(number))
    late = route(MAX_ROUTES)
    found = [labels.used(late) for _ in range(6)]
    assert found == [OTHER] * 4 + [labels_of(late)] * 2
    assert len(dropped) == 1
    assert labels.named(late) == labels_of(late)


def test_new_routes_with_every_call_take_nobodys_place_and_no_memory() -> None:
    dropped: list[Labels] = []
    labels = RouteLabels(dropped.append)
    for _ in range(3):
        labels.used(route(0))
    for number in range(1, 3 * MAX_COUNTED):
        labels.used(route(number))
    assert labels.named(route(0)) == labels_of(route(0))
    assert dropped == []
    assert len(labels._uses) <= MAX_COUNTED


def test_series_of_a_dropped_route_are_gone() -> None:
    registry = CollectorRegistry()
    meter = Meter(registry)
    for number in range(3 * MAX_ROUTES):
        for _ in range(number + 1):
            meter.permit_acquired(route(number), 0.1)
            meter.attempt_ended(route(number), "succeeded")
    text = generate_latest(registry).decode()
    assert text.count("resilient_gateway_attempts_total{") <= MAX_ROUTES + 1
    assert f'model="model {3 * MAX_ROUTES - 1}"' in text
    assert 'model="model 0"' not in text


@pytest.mark.parametrize(
    ("said", "host", "ports"),
    [
        ("127.0.0.1:9464", "127.0.0.1", range(9464, 9465)),
        (":9464-9473", "127.0.0.1", range(9464, 9474)),
        (" [::1]:9464 ", "::1", range(9464, 9465)),
    ],
)
def test_an_address(said: str, host: str, ports: range) -> None:
    assert metrics_address({VARIABLE: said}) == MetricsAddress(host, ports)


@pytest.mark.parametrize("environment", [{}, {VARIABLE: ""}, {TOKEN_VARIABLE: TOKEN}])
def test_no_address(environment: dict[str, str]) -> None:
    assert metrics_address(environment) is None


@pytest.mark.parametrize(
    "said",
    ["on", "9464x", "localhost:9464", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:70000", "::1",
     "127.0.0.1:9473-9464", "127.0.0.1:1-60000", "127.0.0.1:-1", "http://127.0.0.1:9464"],
)  # fmt: skip
def test_what_is_no_address_is_said(said: str) -> None:
    with pytest.raises(AddressError, match=VARIABLE):
        metrics_address({VARIABLE: said})


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "[::]"])
def test_elsewhere_than_on_loopback_a_token_is_demanded(host: str) -> None:
    with pytest.raises(AddressError, match="loopback"):
        metrics_address({VARIABLE: f"{host}:9464"})
    with pytest.raises(AddressError, match="shorter"):
        metrics_address({VARIABLE: f"{host}:9464", TOKEN_VARIABLE: TOKEN[1:]})
    address = metrics_address({VARIABLE: f"{host}:9464", TOKEN_VARIABLE: TOKEN})
    assert address is not None
    assert TOKEN not in repr(address)
