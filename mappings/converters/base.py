"""What every converter is, and when a value says nothing; it converts nothing itself."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict, JsonValue

from mappings.errors import UnconvertibleError


def is_blank(value: object) -> bool:
    """Whether a vendor's value says nothing: None, or a text of blanks."""
    return value is None or (isinstance(value, str) and not value.strip())


def refuse(value: object, what: str, remedy: str = "") -> UnconvertibleError:
    """The error for a value that a converter cannot take."""
    return UnconvertibleError(
        f"{value!r} is no {what}.", remedy or "correct the value, or map it with another converter"
    )


class Converter(BaseModel):
    """One field both ways. A converter's options are its pydantic fields. Both methods raise `UnconvertibleError`."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    NAME: ClassVar[str]

    @property
    def when_blank(self) -> JsonValue:
        """What a row without a value means when it is read as a record."""
        return None

    def to_canonical(self, value: object) -> JsonValue:
        """A vendor's value as canonical JSON."""
        raise refuse(value, self.NAME)

    def to_vendor(self, value: JsonValue) -> object:
        """A canonical JSON value as the vendor takes it."""
        raise refuse(value, self.NAME)
