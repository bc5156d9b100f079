"""A connection says which catalog it is; every setting says what it is."""

import pytest
from pydantic import BaseModel, ValidationError

from connectors.aws_partner_central import Settings


def test_the_catalog_has_to_be_chosen():
    with pytest.raises(ValidationError, match="catalog"):
        Settings()
    assert Settings(catalog="Sandbox").region == "us-east-1"


@pytest.mark.parametrize(
    "wrong", [{"catalog": "AWSMarketplace"}, {"linger_s": 21}, {"page_size": 101}, {"poll": 5}, {"overlap_s": 0}]
)
def test_what_cannot_be_right_is_refused(wrong):
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        Settings(**{"catalog": "AWS", **wrong})


@pytest.mark.parametrize("model", [Settings])
def test_every_setting_has_a_description_and_an_example(model: type[BaseModel]):
    assert [name for name, field in model.model_fields.items() if not (field.description and field.examples)] == []
