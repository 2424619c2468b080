import re
from pathlib import Path

import pytest

from app.fetch import sites
from app.settings import PREFIX, Settings, from_environment

TABLE = Path(__file__).parents[2] / "docs" / "settings.md"


def test_defaults_need_no_environment():
    settings = from_environment({})
    assert settings.engine == "onnx"
    assert (settings.weights / "model.json").is_file()
    assert settings.api_keys is None


def test_every_setting_can_be_set(tmp_path):
    environ = {"YANLING_ENGINE": "keras", "YANLING_WEIGHTS": "/w", "YANLING_API_KEYS": "/k"}
    environ |= {"YANLING_SPOOL": str(tmp_path), "YANLING_MAX_FACES": "7"}
    environ |= {"YANLING_FETCH_FROM": "https://a.test"}
    settings = from_environment(environ)
    assert settings == Settings(
        "keras", Path("/w"), tmp_path, Path("/k"), 7, sites("https://a.test")
    )


@pytest.mark.parametrize("faces", ["0", "1001", "-5", "many", "", "٣"])
def test_the_number_of_faces_is_from_1_to_1000(faces):
    with pytest.raises(ValueError, match="YANLING_MAX_FACES must be from 1 to 1000"):
        from_environment({"YANLING_MAX_FACES": faces})


@pytest.mark.parametrize("name", ["YANLING_ENGIN", "YANLING_PORT", "YANLING_ENGINE"])
def test_an_unknown_setting_or_value_is_refused(name):
    with pytest.raises(ValueError, match=f"unknown settings: {name};|{name} must be"):
        from_environment({name: "x"})


def test_the_table_in_the_documentation_and_the_code_agree():
    documented = set(re.findall(rf"^\| `({PREFIX}[A-Z_]+)`", TABLE.read_text(), re.MULTILINE))
    assert documented == {PREFIX + name.upper() for name in Settings.__annotations__}
