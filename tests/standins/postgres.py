"""PostgreSQL on loopback, with TLS alone, as RDS has it: stopped in the middle and started again.

Its server is the machine's: Debian's package, or any whose programs are on the PATH or in TRADAI_POSTGRES. Must never
leave a server running.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tradai_control_plane.keys import MAKERS, Subject, sign
from tradai_sandbox.ports import HOST, find

#: PostgreSQL does not run as root.
_USER = "postgres"


def programs() -> Path:
    """Where `initdb` and `pg_ctl` are; fails with what to install."""
    given = os.environ.get("TRADAI_POSTGRES")
    places = [Path(given)] if given else sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if found := shutil.which("pg_ctl"):
        places.append(Path(found).resolve().parent)
    for place in places:
        if (place / "initdb").exists():
            return place
    raise AssertionError("no PostgreSQL is here: install Debian's `postgresql`, or set TRADAI_POSTGRES")


class Postgres:
    """One server: `port`, and `authority`, the file of whoever signed its certificate."""

    def __init__(self, folder: Path, user: str, password: str) -> None:
        self.port = find()
        self.authority = folder / "authority.crt"
        self._folder, self._data = folder, folder / "data"
        self._make(user, password)

    def start(self) -> None:
        """Returns once it answers."""
        options = f"-p {self.port} -c listen_addresses={HOST} -c unix_socket_directories={self._folder}"
        self._run("pg_ctl", "start", "-w", "-t", "60", "-l", str(self._folder / "log"), "-o", options)

    def stop(self) -> None:
        """At once, without a word to anybody: as a host that is lost."""
        self._run("pg_ctl", "stop", "-w", "-m", "immediate")

    @property
    def runs(self) -> bool:
        """Whether there is a server."""
        return (self._data / "postmaster.pid").exists()

    def set_password(self, user: str, password: str) -> None:
        """As RDS does when it rotates; whoever is connected stays so."""
        self._run("psql", "-p", str(self.port), "-h", str(self._folder), "-U", user, "-d", "postgres", "-c",
                  f"ALTER USER {user} PASSWORD '{password}'", data=False)  # fmt: skip

    def _make(self, user: str, password: str) -> None:
        given = self._folder / "password"
        given.write_text(password)
        now = datetime.now(UTC)
        authority = MAKERS.authority(now)
        server = sign(authority, Subject(user="postgres", names=(HOST,)), now, timedelta(days=2))
        self.authority.write_text(authority.certificate)
        for name, text in (("server.crt", server.certificate), ("server.key", server.key)):
            (self._folder / name).write_text(text)
            (self._folder / name).chmod(0o600)
        if os.geteuid() == 0:
            for path in (self._folder, *self._folder.iterdir()):
                shutil.chown(path, _USER, _USER)
        self._run("initdb", "-U", user, f"--pwfile={given}", "-A", "scram-sha-256", "-N")
        rules = f"local all all trust\nhostssl all all {HOST}/32 scram-sha-256\n"
        (self._data / "pg_hba.conf").write_text(rules)
        with (self._data / "postgresql.conf").open("a") as settings:
            settings.write("ssl = on\nfsync = off\nmax_connections = 60\n")
            settings.write(f"ssl_cert_file = '{self._folder}/server.crt'\nssl_key_file = '{self._folder}/server.key'\n")

    def _run(self, program: str, *arguments: str, data: bool = True) -> None:
        """As a user of its own, where this is root; without a pipe, which a server would keep."""
        where = ["-D", str(self._data)] if data else []
        said = self._folder / f"{program}.said"
        who = {"user": _USER, "group": _USER, "extra_groups": []} if os.geteuid() == 0 else {}
        with said.open("ab") as output:
            ran = subprocess.run(
                [str(programs() / program), *arguments, *where],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                check=False,
                cwd="/",
                **who,  # type: ignore[call-overload]
            )
        assert ran.returncode == 0, f"{program}: {said.read_text()}"


@contextmanager
def postgres(user: str, password: str) -> Iterator[Postgres]:
    """A server that runs, in a folder that its own user can reach."""
    folder = Path(tempfile.mkdtemp(prefix="tradai-postgres-"))
    try:
        server = Postgres(folder, user, password)
        server.start()
        try:
            yield server
        finally:
            if server.runs:
                server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
