"""What a fleet's repository says and has, as far as it is signed by those whom this device trusts.

Each file is as long as was signed at most, and there is room for it before it is fetched.
"""

import shutil
import ssl
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError
from tuf.api.exceptions import (
    BadVersionNumberError,
    DownloadError,
    ExpiredMetadataError,
    LengthOrHashMismatchError,
    RepositoryError,
    UnsignedMetadataError,
)
from tuf.api.metadata import TargetFile
from tuf.ngclient import Updater

from calmloop.base.errors import CalmloopError, InputError
from calmloop.base.whole_files import make_folder
from calmloop.contract.fleet_rollout import (
    MAX_ROLLOUT_BYTES,
    RELEASE_FILE,
    ROLLOUT_FILE,
    FleetRollout,
    release_path,
)
from calmloop.device.board_checks import MB
from calmloop.device.bundle import ReleaseAbout

RELEASE = "release-"
WORDS: tuple[tuple[type[RepositoryError], str], ...] = (
    (
        ExpiredMetadataError,
        "it is out of date: the centre has not signed for days, or this device's clock is wrong",
    ),
    (BadVersionNumberError, "it is older than what this device has seen: somebody shows old files"),
    (UnsignedMetadataError, "it is not signed by those whom this device trusts"),
    (LengthOrHashMismatchError, "a file is another than was signed"),
)


class RepositoryAwayError(CalmloopError):
    """The repository is not to be had now."""


class UntrustedRepositoryError(CalmloopError):
    """What the repository shows is not what was signed, or not any more."""


class RepositoryClient:
    """One look at a repository; what was seen is kept, so that nothing older is taken."""

    def __init__(self, url: str, root: bytes, folder: Path) -> None:
        """Looks what is newest.

        Args:
            url: Of the repository.
            root: The first root that this device was given.
            folder: What is kept goes there.

        Raises:
            RepositoryAwayError: it does not answer.
            UntrustedRepositoryError: what it shows is not signed, too old, or another's; or its
                server's certificate is not trusted.
        """
        self._folder, self._url = folder, url.rstrip("/")
        make_folder(folder / "metadata")
        with self._told():
            self._updater = Updater(
                str(folder / "metadata"),
                f"{self._url}/metadata",
                str(folder),
                f"{self._url}/targets",
                bootstrap=root,
            )
            self._updater.refresh()

    def rollout(self) -> FleetRollout | None:
        """What is rolled out; None: nothing.

        Raises:
            InputError: this program does not know such a rollout.
            CalmloopError: as above.
        """
        with self._told():
            target = self._updater.get_targetinfo(ROLLOUT_FILE)
            if target is None:
                return None
            if target.length > MAX_ROLLOUT_BYTES:
                raise InputError(
                    f"{ROLLOUT_FILE} has {target.length} bytes, and {MAX_ROLLOUT_BYTES} are the"
                    " most: halt it at the centre; nothing was done"
                )
            file = Path(self._updater.download_target(target, str(self._folder / ROLLOUT_FILE)))
        try:
            return FleetRollout.model_validate_json(file.read_bytes())
        except ValidationError as error:
            where = ".".join(map(str, error.errors()[0]["loc"]))
            raise InputError(
                f"{ROLLOUT_FILE}: says no rollout that this program knows ('{where}'): update this"
                " device from a stick; nothing was done"
            ) from None

    def about(self, version: str) -> ReleaseAbout:
        """What a release is, with its firmware for whoever may have to flash it.

        Raises:
            InputError: it is not there, or there is no room.
            CalmloopError: as above.
        """
        self._fetch(version, [RELEASE_FILE])
        about = ReleaseAbout.read(self.place(version) / RELEASE_FILE)
        self._fetch(version, [about.firmware.file])
        return about

    def release(self, version: str) -> Path:
        """All of a release; what is there from a try before is not fetched again.

        Raises:
            InputError: it is not there, or there is no room.
            CalmloopError: as above.
        """
        custom = self._target(version, RELEASE_FILE).unrecognized_fields.get("custom", {})
        self._fetch(version, [str(name) for name in custom.get("files", ())])
        return self.place(version)

    def tidy(self, but: str = "") -> None:
        """Removes what was fetched of all releases but one."""
        for path in self._folder.glob(f"{RELEASE}*"):
            if path != self.place(but):
                shutil.rmtree(path, ignore_errors=True)

    def place(self, version: str) -> Path:
        """Where the files of a release are."""
        return self._folder / f"{RELEASE}{version}"

    def _target(self, version: str, name: str) -> TargetFile:
        with self._told():
            target = self._updater.get_targetinfo(release_path(version) + name)
        if target is None or "/" in name:
            raise InputError(
                f"{self._url} has no '{name}' of {version}: publish it; nothing was done"
            )
        return target

    def _fetch(self, version: str, names: Sequence[str]) -> None:
        folder = self.place(version)
        make_folder(folder)
        missing = {
            name: target
            for name in names
            if not self._updater.find_cached_target(
                target := self._target(version, name), str(folder / name)
            )
        }
        lengths = [target.length for target in missing.values()]
        # Each is written twice: beside, until it is compared.
        needed, free = sum(lengths) + max(lengths, default=0), shutil.disk_usage(folder).free
        if needed > free:
            raise InputError(
                f"{free // MB} MB are free at {folder}, and {version} needs {needed // MB} MB more:"
                " `docker system prune` frees what old images take; nothing was done"
            )
        for name, target in missing.items():
            with self._told():
                self._updater.download_target(target, str(folder / name))

    @contextmanager
    def _told(self) -> Iterator[None]:
        before = tempfile.tempdir
        # python-tuf fetches beside, by tempfile: `/tmp` may be memory.
        tempfile.tempdir = str(self._folder)
        try:
            yield
        except DownloadError as error:
            raise self._away(_first_of(error)) from None
        except RepositoryError as error:
            words = next((told for kind, told in WORDS if isinstance(error, kind)), "it is damaged")
            raise UntrustedRepositoryError(
                f"{self._url}: {words} ({error}); nothing was done"
            ) from None
        finally:
            tempfile.tempdir = before

    def _away(self, why: BaseException) -> CalmloopError:
        if isinstance(why, ssl.SSLCertVerificationError):
            return UntrustedRepositoryError(
                f"{self._url}: its certificate is not trusted here ({why.verify_message}): an"
                " authority of your own goes into /usr/local/share/ca-certificates, then `sudo"
                " update-ca-certificates`; by a clock that is wrong none is good; nothing was done"
            )
        told = str(why) or type(why).__name__
        return RepositoryAwayError(f"{self._url} is not to be had now ({told})")


def _first_of(error: BaseException) -> BaseException:
    """What was in the way, of which python-tuf and urllib3 have made another, and another."""
    inner = error.__cause__ or next((e for e in error.args if isinstance(e, Exception)), None)
    return _first_of(inner) if inner else error
