"""What a deployment says about one partner's list; it never reads the list."""

import codecs
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

Format = Literal["csv", "excel", "jsonl", "parquet"]


class Settings(BaseModel):
    """`[connections.<name>]` of a connection with `connector = "partner_list"`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str = Field(
        min_length=1,
        description="A file; a folder or `s3://bucket/prefix` whose newest file is the whole list; an http(s) address.",
        examples=["/lists/acme", "s3://partner-lists/acme/", "https://acme.example/accounts.csv"],
    )
    pattern: str = Field(
        default="*", description="Which files of a folder or prefix are lists, by name.", examples=["accounts-*.csv"]
    )
    format: Format | None = Field(
        default=None, description="How the list is written; told from its name if not given.", examples=["csv"]
    )
    delimiter: str | None = Field(
        default=None,
        min_length=1,
        max_length=1,
        description="Of a CSV; guessed if not given.",
        examples=[";"],
    )
    encoding: str = Field(
        default="guessed",
        description="Of CSV and JSONL, as Python names it; `guessed` tells it from the bytes, and shows the guess.",
        examples=["cp1252", "utf-16"],
    )
    sheet: str | None = Field(
        default=None,
        min_length=1,
        description="Of a workbook; the one whose columns look most like accounts if not given.",
        examples=["Accounts"],
    )
    columns: dict[str, str] = Field(
        default_factory=dict,
        description="Canonical field (or `id`) to column, where the column's name is not known by itself.",
        examples=[{"id": "Kundennummer", "name": "Firma"}],
    )
    max_removed_share: float = Field(
        default=0.2,
        ge=0,
        le=1,
        description="A list that lacks a larger share of the known rows waits for a yes ...",
        examples=[0.2],
    )
    max_removed_rows: int = Field(
        default=10, ge=0, description="... if these are also more rows than this.", examples=[10]
    )
    confirm_removals: int | None = Field(
        default=None,
        ge=1,
        description="The yes: exactly how many rows may be removed by the list as it is now.",
        examples=[5234],
    )
    endpoint_url: str | None = Field(
        default=None, description="Of an S3 other than Amazon's.", examples=["https://minio.example:9000"]
    )
    region: str | None = Field(
        default=None, description="Of the bucket, if not in the environment.", examples=["eu-central-1"]
    )

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str) -> str:
        if value == "guessed":
            return value
        try:
            codecs.lookup(value)
        except LookupError:
            raise ValueError(f"Python knows no encoding {value!r}; usual ones are utf-8-sig, cp1252, utf-16") from None
        return value
