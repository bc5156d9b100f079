"""Where lists lie: a folder, S3 and the web, each over its own wire."""

import io
import os
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count

import boto3
import pytest
import requests
from botocore.exceptions import EndpointConnectionError
from botocore.response import StreamingBody
from botocore.stub import Stubber

from connectors.errors import BadCredentials, BadInput, RetryLater
from connectors.partner_list import Settings, source
from connectors.partner_list.places import Disk
from connectors.partner_list.s3 import Bucket, bucket
from connectors.partner_list.source import PartnerList
from connectors.partner_list.web import Address

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LIST = b"id,name\nb1,Acme Cloud\n"


def content(place, known=None):
    with place.newest(known) as listing:
        return None if listing is None else (listing.name, listing.path.read_bytes(), listing.fingerprint)


# A folder


def put(path, age):
    path.write_bytes(LIST)
    at = NOW.timestamp() - age
    os.utime(path, (at, at))


def test_the_newest_file_of_a_folder_that_fits_is_the_list(tmp_path):
    for number, name in enumerate([".hidden.csv", "notes.txt", "acme-2.csv", "acme-1.csv"]):
        put(tmp_path / name, age=number)
    (tmp_path / "acme-3.csv").mkdir()
    name, _, fingerprint = content(Disk(tmp_path, "acme-*.csv"))
    assert name == "acme-2.csv"
    assert content(Disk(tmp_path, "acme-*.csv"), fingerprint) is None
    put(tmp_path / "acme-0.csv", age=-1)
    assert content(Disk(tmp_path, "acme-*.csv"), fingerprint)[0] == "acme-0.csv"


def test_a_folder_without_a_list_and_a_path_that_is_not_there_are_refused(tmp_path):
    with pytest.raises(BadInput, match=r"fits 'acme-\*'"):
        content(Disk(tmp_path, "acme-*"))
    with pytest.raises(BadInput, match="No such file"):
        content(Disk(tmp_path / "none"))


def test_the_settings_choose_the_place(tmp_path):
    put(tmp_path / "acme.csv", age=0)
    made = source(Settings(path=str(tmp_path)), lambda: NOW, "acme-list")
    assert isinstance(made, PartnerList)
    assert made.place == Disk(tmp_path)
    on_s3 = source(Settings(path="s3://lists/acme/", region="eu-central-1"), lambda: NOW, "acme-list").place
    assert (on_s3.bucket, on_s3.key) == ("lists", "acme/")
    assert isinstance(source(Settings(path="https://acme.example/a.csv"), lambda: NOW, "acme-list").place, Address)


# S3


@pytest.fixture
def s3():
    client = boto3.client("s3", region_name="eu-central-1", aws_access_key_id="k", aws_secret_access_key="s")
    with Stubber(client) as stub:
        yield stub
        stub.assert_no_pending_responses()
    client.close()


def item(key, hour, etag='"e1"'):
    return {"Key": key, "LastModified": datetime(2026, 11, 22, hour, tzinfo=UTC), "ETag": etag}


def body():
    return {"Body": StreamingBody(io.BytesIO(LIST), len(LIST))}


def test_the_newest_object_under_a_prefix_is_the_list_over_all_pages(s3):
    place = Bucket(s3.client, "lists", "acme/", "*.csv")
    first = {"Contents": [item("acme/", 23), item("acme/a.csv", 9)], "IsTruncated": True, "NextContinuationToken": "t"}
    second = {"Contents": [item("acme/b.csv", 11, '"e2"'), item("acme/c.txt", 12)], "IsTruncated": False}
    listing = {"Bucket": "lists", "Prefix": "acme/"}
    for _ in range(2):
        s3.add_response("list_objects_v2", first, listing)
        s3.add_response("list_objects_v2", second, {**listing, "ContinuationToken": "t"})
        if _ == 0:
            s3.add_response("get_object", body(), {"Bucket": "lists", "Key": "acme/b.csv", "IfMatch": '"e2"'})
    name, text, fingerprint = content(place)
    assert (name, text) == ("b.csv", LIST)
    assert content(place, fingerprint) is None


def test_an_exact_key_is_the_list_and_an_unchanged_one_is_not_downloaded(s3):
    head = {"ETag": '"e1"', "LastModified": NOW}
    s3.add_response("head_object", head, {"Bucket": "lists", "Key": "acme.csv"})
    s3.add_response("get_object", body(), {"Bucket": "lists", "Key": "acme.csv", "IfMatch": '"e1"'})
    s3.add_response("head_object", head)
    place = Bucket(s3.client, "lists", "acme.csv")
    assert content(place, content(place)[2]) is None


def test_a_key_without_an_object_is_a_prefix(s3):
    s3.add_client_error("head_object", "404", http_status_code=404)
    s3.add_response("list_objects_v2", {"Contents": []}, {"Bucket": "lists", "Prefix": "acme"})
    with pytest.raises(BadInput, match=r"nothing under s3://lists/acme"):
        content(Bucket(s3.client, "lists", "acme"))


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("AccessDenied", BadCredentials),
        ("ExpiredToken", BadCredentials),
        ("NoSuchBucket", BadInput),
        ("SlowDown", RetryLater),
        ("InternalError", RetryLater),
        ("PreconditionFailed", RetryLater),
    ],
)
def test_what_s3_refuses_is_named_by_what_to_do(s3, code, error):
    s3.add_client_error("list_objects_v2", code)
    with pytest.raises(error, match=code):
        content(Bucket(s3.client, "lists", ""))


def test_an_s3_that_does_not_answer_is_asked_again_later(s3):
    class Silent:
        def head_object(self, **_):
            raise EndpointConnectionError(endpoint_url="https://s3.example")

    with pytest.raises(RetryLater, match="Could not connect"):
        content(Bucket(Silent(), "lists", "acme.csv"))


def test_an_address_without_a_bucket_is_refused():
    with pytest.raises(BadInput, match="names no bucket"):
        bucket("s3:///acme", "*", None, None)


# The web


class Site(BaseHTTPRequestHandler):
    """Answers with `server.given` headers and `server.status`, with 304 where a condition holds."""

    def do_GET(self):
        self.server.asked.append(dict(self.headers))
        headers = self.server.given
        holds = any(
            given in headers and headers[given] == self.headers.get(asked)
            for given, asked in (("ETag", "If-None-Match"), ("Last-Modified", "If-Modified-Since"))
        )
        self.send_response_only(304 if holds else self.server.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(LIST) + self.server.missing))
        self.end_headers()
        if not holds:
            self.wfile.write(LIST)

    def log_message(self, *_):
        """Says nothing."""


@pytest.fixture
def site():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.asked, server.given, server.status, server.missing = [], {}, 200, 0
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def address(site):
    with requests.Session() as session:
        yield Address(
            f"http://u:secret@127.0.0.1:{site.server_port}/lists/acme%20one.csv?sig=secret", session, lambda: NOW
        )


@pytest.mark.parametrize(
    ("headers", "asked"),
    [
        ({"ETag": '"v1"', "Last-Modified": "Sun, 22 Nov 2026 10:00:00 GMT"}, {"If-None-Match": '"v1"'}),
        ({"Last-Modified": "Sun, 22 Nov 2026 10:00:00 GMT"}, {"If-Modified-Since": "Sun, 22 Nov 2026 10:00:00 GMT"}),
    ],
)
def test_an_unchanged_address_is_not_downloaded_again(site, address, headers, asked):
    site.given = headers
    with address.newest(None) as listing:
        assert (listing.name, listing.path.read_bytes()) == ("acme one.csv", LIST)
        assert listing.modified == datetime(2026, 11, 22, 10, tzinfo=UTC)
        fingerprint = listing.fingerprint
    assert content(address, fingerprint) is None
    assert asked.items() <= site.asked[1].items()
    assert "secret" not in fingerprint


def test_a_server_without_validators_is_compared_by_content(site, address):
    with address.newest(None) as listing:
        assert listing.modified == NOW
        fingerprint = listing.fingerprint
    assert content(address, fingerprint) is None
    assert content(address, "another") is not None


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, BadCredentials), (403, BadCredentials), (404, BadInput), (429, RetryLater), (503, RetryLater)],
)
def test_what_a_server_refuses_is_named_by_what_to_do_and_shows_no_secret(site, address, status, error):
    site.status, site.given = status, {"Retry-After": "7"}
    with pytest.raises(error, match=str(status)) as refused:
        content(address)
    assert "secret" not in str(refused.value)
    assert getattr(refused.value, "after", 7) == 7


def test_a_download_that_breaks_off_is_tried_again_later(site, address):
    site.missing = 5
    with pytest.raises(RetryLater, match="cannot be reached"):
        content(address)


def test_a_list_from_the_web_is_published_and_then_left_alone(site, address, caller, table):
    versions = count(1)
    site.given = {"ETag": f'"{next(versions)}"'}
    made = PartnerList(Settings(path=address.url), address, "acme-list")
    caller.run(made, table)
    assert caller.holds == {"b1": {"name": "Acme Cloud"}}
    assert caller.run(made, table) == []
    site.given = {"ETag": f'"{next(versions)}"'}
    assert not [event for event in caller.run(made, table) if getattr(event, "kind", None)]
