"""A list in an S3 bucket: the object of a key, or the newest object under a prefix; it never writes there."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
)

from connectors.errors import BadCredentials, BadInput, ConnectorError, RetryLater
from connectors.partner_list.places import Listing, is_list

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

SCHEME = "s3://"
REFUSED = {"AccessDenied", "403", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken"}
ABSENT = {"NoSuchBucket", "NoSuchKey", "404", "InvalidBucketName", "PermanentRedirect"}
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Found:
    """An object of the bucket."""

    key: str
    etag: str
    modified: datetime


@dataclass(frozen=True, slots=True)
class Bucket:
    """Objects of one bucket. The client retries by itself, as boto3 is configured."""

    client: "S3Client"
    bucket: str
    key: str
    pattern: str = "*"

    @contextmanager
    def newest(self, known: str | None) -> Iterator[Listing | None]:
        """The newest object, as a temporary copy."""
        with TemporaryDirectory(prefix="partner-list-") as folder:
            try:
                found = self._exact() or self._newest_of_prefix()
                listing = None if _fingerprint(found) == known else self._copy(found, Path(folder))
            except (ClientError, BotoCoreError) as error:
                raise self._named(error) from error
            yield listing

    def _exact(self) -> Found | None:
        if not self.key or self.key.endswith("/"):
            return None
        try:
            head = self.client.head_object(Bucket=self.bucket, Key=self.key)
        except ClientError as error:
            # 403 is also S3's word for an absent key where listing is not allowed: the listing then says it in full.
            if error.response["Error"]["Code"] in {"403", "404", "NoSuchKey"}:
                return None
            raise
        return Found(self.key, head["ETag"], head["LastModified"])

    def _newest_of_prefix(self) -> Found:
        newest: Found | None = None
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.key)
        for item in (each for page in pages for each in page.get("Contents", [])):
            found = Found(item["Key"], item["ETag"], item["LastModified"])
            if not is_list(found.key.rpartition("/")[2] or ".", self.pattern):
                continue
            if newest is None or (found.modified, found.key) > (newest.modified, newest.key):
                newest = found
        if newest is None:
            reason = f"nothing under {SCHEME}{self.bucket}/{self.key} fits {self.pattern!r}."
            raise BadInput(reason, "put the list there, or correct `path` or `pattern` in the settings")
        return newest

    def _copy(self, found: Found, folder: Path) -> Listing:
        name = found.key.rpartition("/")[2]
        path = folder / "list"
        # If-Match: an object that was replaced since it was found is found anew, never read under the old fingerprint.
        body = self.client.get_object(Bucket=self.bucket, Key=found.key, IfMatch=found.etag)["Body"]
        with path.open("wb") as file:
            for chunk in body.iter_chunks(CHUNK):
                file.write(chunk)
        return Listing(name, path, _fingerprint(found), found.modified.astimezone(UTC))

    def _named(self, error: ClientError | BotoCoreError) -> ConnectorError:
        where = f"{SCHEME}{self.bucket}/{self.key}"
        code = str(error.response["Error"].get("Code")) if isinstance(error, ClientError) else ""
        if code in REFUSED:
            remedy = "give the credentials s3:GetObject on the objects and s3:ListBucket on the bucket"
            return BadCredentials(f"{where}: S3 refuses ({code}).", remedy)
        if isinstance(error, (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError)):
            return BadCredentials(f"{where}: {error}", "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a role")
        if code in ABSENT:
            return BadInput(
                f"{where} is not there ({code}).", "correct `path`, `region` or `endpoint_url` in the settings"
            )
        return RetryLater(f"{where}: {error}")


def _fingerprint(found: Found) -> str:
    return f"{found.key}|{found.etag}"


def bucket(path: str, pattern: str, endpoint_url: str | None, region: str | None) -> Bucket:
    """The place of `s3://bucket/key-or-prefix`, with the credentials that boto3 finds."""
    name, _, key = path.removeprefix(SCHEME).partition("/")
    if not name:
        raise BadInput(f"{path!r} names no bucket.", "write it as s3://bucket/key-or-prefix")
    return Bucket(boto3.client("s3", endpoint_url=endpoint_url, region_name=region), name, key, pattern)
