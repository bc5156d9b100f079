"""What a configuration may say, and how a wrong one is refused: the file, the key and the remedy."""

from pathlib import Path

import pytest

from tandem.settings import ConfigError, Streams, connector_names, load

LIST = """
[connections.acme-list]
connector = "partner_list"
party = "partner:acme"
path = "lists/acme.csv"
"""
ORG = """
[connections.our-crm]
connector = "salesforce"
base_url = "https://acme.my.salesforce.com"
auth = { method = "client_credentials", client_id = "key", client_secret = "env:SF_SECRET" }
"""


@pytest.fixture
def config(tmp_path):
    def write(text: str | bytes) -> Path:
        path = tmp_path / "tandem.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.fixture
def refused(config):
    """What is said of a configuration that cannot be used, without the path of the file."""

    def says(text: str | bytes) -> str:
        path = config(text)
        with pytest.raises(ConfigError) as error:
            load(path)
        assert str(error.value).startswith(str(path))
        return str(error.value).removeprefix(str(path)).lstrip(": ")

    return says


def test_an_empty_file_is_a_deployment_with_defaults(config, tmp_path):
    settings = load(config(""))
    assert (settings.kafka.bootstrap, settings.streams.workers, settings.connections) == ("embedded", 1, {})
    assert settings.data == tmp_path / ".tandem"


def test_a_connection_has_its_shared_keys_and_the_connectors_own(config, tmp_path):
    it = load(config(LIST + 'name = "Acme Cloud"\ninterval = 2\npattern = "*.csv"\n')).connection("acme-list")
    assert (it.party, it.name, it.interval) == ("partner:acme", "Acme Cloud", 2.0)
    assert (it.options.path, it.options.pattern) == (str(tmp_path / "lists" / "acme.csv"), "*.csv")


def test_sources_sinks_and_partners_are_told_from_connectors_and_parties(config, monkeypatch):
    monkeypatch.setenv("SF_SECRET", "hush")
    acme_org = ORG.replace("our-crm", "bolt-crm").replace("base_url", 'party = "partner:bolt"\nbase_url')
    settings = load(config(LIST + ORG + acme_org))
    assert settings.sources == ["acme-list", "our-crm", "bolt-crm"]
    assert settings.sinks == ["our-crm"]
    assert settings.partner_names == {"acme": "acme", "bolt": "bolt"}


def test_relative_paths_start_at_the_file_at_any_depth(config, tmp_path):
    auth = '{ method = "jwt_bearer", client_id = "key", username = "a@b.c", private_key_file = "keys/sf.pem" }'
    text = f'mappings = "own"\n{ORG.partition("auth")[0]}auth = {auth}\n'
    settings = load(config(text))
    assert settings.mappings == tmp_path / "own"
    assert settings.connection("our-crm").options.auth.private_key_file == tmp_path / "keys" / "sf.pem"


@pytest.mark.parametrize("path", ["/lists/acme", "s3://lists/acme/", "https://acme.example/accounts.csv"])
def test_addresses_and_absolute_paths_stay_as_they_are(config, path):
    assert load(config(LIST.replace("lists/acme.csv", path))).connection("acme-list").options.path == path


def test_secrets_come_from_the_environment_and_are_not_shown(config, monkeypatch):
    monkeypatch.setenv("SF_SECRET", "hush-hush")
    settings = load(config(ORG))
    assert settings.connection("our-crm").options.auth.client_secret.get_secret_value() == "hush-hush"
    assert "hush-hush" not in repr(settings) + repr(settings.connection("our-crm").options)


def test_a_variable_that_is_not_set_is_named(refused, monkeypatch):
    monkeypatch.delenv("SF_SECRET", raising=False)
    assert refused(ORG) == "the environment variable SF_SECRET is not set (it is named as 'env:SF_SECRET')"


def test_a_file_that_is_not_there_says_how_to_get_one(tmp_path):
    with pytest.raises(ConfigError, match=r"nope\.toml cannot be read \(No such file.*`tandem init` writes one"):
        load(tmp_path / "nope.toml")


def test_a_file_that_is_no_toml_names_the_line(refused):
    assert "not valid TOML" in refused("[kafka]\npartitions = \n")
    assert "at line 2" in refused("[kafka]\npartitions = \n")


def test_a_file_that_is_no_utf_8_names_the_byte(refused):
    assert refused(b'log_level = "\xe9"') == "is not UTF-8 at byte 13. Remedy: save it as UTF-8."


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[kafka]\npartitons = 3", "unknown key 'kafka.partitons'; did you mean 'partitions'?"),
        ("[conections.x]\na = 1", "unknown key 'conections'; did you mean 'connections'?"),
        ("[streams]\nxyz = 1", f"unknown key 'streams.xyz'; known are: {', '.join(sorted(Streams.model_fields))}"),
        (LIST + "patern = 1", "[connections.acme-list]: unknown key 'patern'; did you mean 'pattern'?"),
        (LIST + "intervall = 1", "[connections.acme-list]: unknown key 'intervall'; did you mean 'interval'?"),
        (
            ORG.replace("env:SF_SECRET", 'x", client_secrett = "y'),
            "[connections.our-crm]: unknown key 'auth.client_credentials.client_secrett'; "
            "did you mean 'client_secret'?",
        ),
    ],
)
def test_an_unknown_key_is_named_with_the_nearest_known_one(refused, text, says):
    assert refused(text) == says


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (LIST.replace("partner:acme", "acme"), "'connections.acme-list.party': String should match pattern"),
        (LIST.replace("partner:acme", "acme"), "What belongs there: Whose system it is: `us`, or `partner:<key>`."),
        (LIST.replace('path = "lists/acme.csv"', ""), "[connections.acme-list]: 'path' is missing. What belongs"),
        (LIST.replace('connector = "partner_list"', ""), "'connections.acme-list.connector' is missing. What belongs"),
        (LIST + "interval = 0", "'connections.acme-list.interval': Input should be greater than 0"),
        ("[kafka]\npartitions = 0", "'kafka.partitions': Input should be greater than or equal to 1"),
        ('log_level = "LOUD"', "'log_level': Input should be 'DEBUG', 'INFO' or 'WARNING'"),
        ("connections = 5", "'connections': Input should be a valid dictionary"),
        ("[connections]\nacme-list = 5", "'connections.acme-list': Input should be a valid dictionary"),
        ("[streams]\nworkers = 2", "the embedded broker is for one stream worker: set [streams] workers = 1"),
    ],
)
def test_a_wrong_value_is_named_with_what_belongs_there(refused, text, says):
    assert says in refused(text)


def test_every_wrong_key_of_a_file_is_told_at_once(refused):
    assert len(refused("[kafka]\nbootstap = 1\npartitions = 0\n[streams]\nworkers = 0\n").splitlines()) == 3


def test_a_connector_that_is_not_there_is_named_with_its_connection(refused):
    says = refused(LIST.replace("partner_list", "partner_lst"))
    assert says == "[connections.acme-list]: there is no connector 'partner_lst'; did you mean 'partner_list'?"


@pytest.mark.parametrize("name", ["Acme", "acme list", "1acme", "a" * 50, "acme\\n"])
def test_a_connection_name_that_could_not_name_a_topic_is_refused(refused, name):
    assert "must be lower case letters, digits and dashes" in refused(LIST.replace("acme-list", f'"{name}"'))


def test_an_unknown_connection_is_named_with_the_nearest(config):
    with pytest.raises(ConfigError, match=r"there is no connection 'acme-lst'; did you mean 'acme-list'\?"):
        load(config(LIST)).connection("acme-lst")


def test_every_connector_says_what_it_can_be_told():
    assert {"partner_list", "salesforce"} <= set(connector_names())
