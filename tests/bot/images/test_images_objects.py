"""Where the objects may be, what is said of one that cannot be used, and one that goes away and comes back."""

from __future__ import annotations

import os
from pathlib import Path

import buckets
import pytest

from bot.children.environment import environment
from bot.errors import UserError
from bot.images.objects import Objects, OutOfReachError, StoreUrlError


@pytest.fixture
def bucket(s3: buckets.Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an empty bucket, with the environment that leads there."""
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    return s3.bucket()


async def test_a_large_object_comes_back_whole(bucket: str) -> None:
    objects, data = Objects(bucket), os.urandom(30 << 20)
    await objects.put("large", data)
    assert await objects.get("large") == data
    await objects.put("large", b"small")
    assert await Objects(bucket).get("large") == b"small"


async def test_what_is_missing_is_none_and_may_be_deleted(bucket: str) -> None:
    objects = Objects(bucket)
    assert await objects.get("blobs/aa") is None
    assert not await objects.has("blobs/aa")
    await objects.delete("blobs/aa")


async def test_two_prefixes_of_a_bucket_know_nothing_of_one_another(bucket: str, s3: buckets.Server) -> None:
    one, other = Objects(f"{bucket}/one"), Objects(f"{bucket}/other/deep/")
    await one.put("key", b"one")
    await other.put("key", b"other")
    assert (await one.get("key"), await other.get("key")) == (b"one", b"other")
    assert len(s3.keys(bucket)) == 2


async def test_a_check_leaves_nothing_behind(bucket: str, s3: buckets.Server, tmp_path: Path) -> None:
    await Objects(bucket).check()
    assert s3.keys(bucket) == []
    await Objects(tmp_path / "new").check()
    assert [path for path in (tmp_path / "new").rglob("*") if path.is_file()] == []


async def test_a_server_that_is_away_loses_nothing_and_comes_back(bucket: str, s3: buckets.Server) -> None:
    objects = Objects(bucket)
    await objects.put("kept", b"kept")
    s3.stop()
    try:
        for asked in (objects.put("new", b"new"), objects.get("kept"), objects.has("kept"), objects.delete("kept")):
            with pytest.raises(OutOfReachError):
                await asked
        with pytest.raises(StoreUrlError, match=r"the bucket s3://.* cannot be written: it does not answer; check AWS"):
            await objects.check()
    finally:
        s3.start()
    assert await objects.get("kept") == b"kept"
    await objects.put("new", b"new")


async def test_out_of_reach_is_a_sentence_for_whoever_asked() -> None:
    assert isinstance(OutOfReachError(), UserError)
    assert "try again in a minute" in str(OutOfReachError())


async def test_a_bucket_that_is_not_there_is_said_to_be_missing_and_loses_no_picture(bucket: str) -> None:
    objects = Objects("s3://nowhere/pictures")
    with pytest.raises(StoreUrlError, match="there is no such bucket"):
        await objects.check()
    with pytest.raises(OutOfReachError):
        await objects.get("kept")


async def test_a_folder_that_cannot_be_written_is_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"no folder")
    with pytest.raises(StoreUrlError, match=r"the folder .* cannot be written"):
        await Objects(tmp_path / "file").check()


@pytest.mark.parametrize(
    "url", ["s3://", "s3:///pictures", "s3://key:secret@bucket", "s3://bucket?x=1", "gs://bucket", "https://bucket.s3"]
)
def test_other_addresses_are_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(StoreUrlError, match="write") as refused:
        Objects(url)
    assert "secret" not in str(refused.value)


def test_a_folder_may_be_given_as_a_path_or_an_address(tmp_path: Path) -> None:
    assert {str(Objects(at)) for at in (tmp_path, str(tmp_path), tmp_path.as_uri())} == {str(tmp_path)}


@pytest.mark.parametrize("name", ["AWS_ENDPOINT_URL", "aws_endpoint"])
def test_without_tls_only_this_machine_is_asked(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "http://192.0.2.1:9000")
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    with pytest.raises(StoreUrlError, match="not https"):
        Objects("s3://bucket")


async def test_the_environment_cannot_allow_what_we_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"KEY_ID": "k", "SECRET_ACCESS_KEY": "s"}.items():
        monkeypatch.setenv(f"AWS_{name}".replace("AWS_KEY", "AWS_ACCESS_KEY"), value)
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    monkeypatch.setenv("ENDPOINT", "http://192.0.2.1:9000")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "HTTPS://127.0.0.1:1")
    with pytest.raises(StoreUrlError, match="does not answer"):
        await Objects("s3://bucket").check()


def test_no_child_knows_the_keys(bucket: str) -> None:
    assert os.environ["AWS_SECRET_ACCESS_KEY"] == buckets.SECRET
    for cuda in (False, True):
        assert not [name for name in environment(cuda=cuda) if name.upper().startswith("AWS")]


async def test_no_error_holds_a_key(bucket: str, s3: buckets.Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    s3.stop()
    try:
        with pytest.raises(OutOfReachError) as error:
            await Objects(bucket).put("key", b"data")
    finally:
        s3.start()
    told = f"{error.value!r} {error.value.__cause__!r} {caplog.text}"
    assert buckets.SECRET not in told
    assert buckets.KEY not in told
