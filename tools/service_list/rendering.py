"""What each file says of the services, as text made from the list."""

from collections.abc import Iterable

from tools.service_list.listing import Listing, Service

MADE = "Made from services/services.toml by `make services`"
STATE_DIR = "/var/lib/calmloop"


def accounts_module(listing: Listing) -> str:
    """`calmloop.contract.accounts`: the list as Python has it."""
    members = [*(service.name for service in listing.services), *listing.people]
    return f'''"""Who has an account at the broker. {MADE}."""

from enum import StrEnum


class Account(StrEnum):
    """Who has an account at the broker: each service, and people."""

{_lines(f"    {_member(name)} = {_quoted(name)}" for name in members)}

PEOPLE = {_frozenset(listing.people)}
SERVICE_UIDS: dict[Account, int] = {{
{_lines(f"    Account.{_member(s.name)}: {s.uid}," for s in listing.services)}}}
"""One user a service, so that none can read another's password from the common volume."""
SHARING = {_frozenset(s.name for s in listing.services if not s.alone)}
"""Services of which a chair may have several instances, which share the load."""
REAL_TIME = {_frozenset(s.name for s in listing.services if s.real_time)}
"""Services that run before everything else: without them no lease is given."""
'''


def mypy_path(listing: Listing) -> str:
    """Where mypy finds each service's package."""
    return _lines(f'    "{service.folder}/src",' for service in listing.services)


def tools_dependencies(listing: Listing) -> str:
    """That the `calmloop` command needs them all."""
    return _lines(f'    "calmloop-{service.name}",' for service in listing.services)


def readme_table(listing: Listing) -> str:
    """What each service is for, and the user that its image runs as."""
    return "| service | what it does | user |\n| --- | --- | --- |\n" + _lines(
        f"| [{s.name}]({s.folder}/README.md) | {s.purpose} | {s.uid} |" for s in listing.services
    )


def bake_images(listing: Listing) -> str:
    """One line for each image of each service."""
    return _lines(
        f'    {{ name = "{service.name}{_suffix(service, lock)}",'
        f' tag = "{service.name}:${{IMAGE_TAG}}{_suffix(service, lock)}",'
        f" args = {{ {', '.join(f'{k} = {_quoted(v)}' for k, v in _args(service, lock))} }} }},"
        for service in listing.services
        for lock in service.locks
    )


def image_stages(listing: Listing) -> str:
    """The last stage of each service's image."""
    return "\n".join(map(_image_stage, listing.services))


def _image_stage(service: Service) -> str:
    folder = f"RUN install -d -o {service.uid} -g {service.uid} -m 0700 {STATE_DIR}\n"
    pages = "COPY --from=pages /page/dist /opt/calmloop/page\n" * service.has_pages
    starts = f"COPY --from={service.starts} /opt/{service.starts} /opt/{service.starts}\n"
    runs = "RUN ldconfig\n" * bool(service.packages) + folder * bool(service.writes)
    return f"""FROM run AS service..{service.name}
LABEL org.opencontainers.image.title="calmloop/{service.name}" \\
      org.opencontainers.image.description="{service.purpose}"
{pages}{starts * bool(service.starts)}{runs}USER {service.uid}:{service.uid}
ENTRYPOINT ["python", "-m", "calmloop.{service.module}"]
"""


def compose_anchors(listing: Listing) -> str:
    """What Compose has to know of each service, for its block to build on."""
    return "x-services:\n" + "".join(map(_compose_anchor, listing.services))


def _compose_anchor(service: Service) -> str:
    name = service.name
    writes = f', &{name}-volume "{service.writes}:{STATE_DIR}"' if service.writes else ""
    args = ", ".join(f"{key}: {value}" for key, value in _args(service, service.locks[0]))
    profile = f"    profiles: [{service.profile}]\n" if service.profile else ""
    alone = f"    container_name: ${{COMPOSE_PROJECT_NAME:-calmloop}}-{name}\n" * service.alone
    return f"""  - &{name}
    <<: *{"safety" if service.real_time else "service"}
{profile}{alone}    image: ${{IMAGE_PREFIX:-calmloop}}/{name}:${{IMAGE_TAG:-local}}
    build: {{context: .., dockerfile: services/Dockerfile, args: {{{args}}}}}
    volumes: [*accounts{writes}]
    environment: &{name}-settings
      <<: *settings
      CALMLOOP_MQTT__USERNAME: {name}
      CALMLOOP_MQTT__PASSWORD_FILE: /run/accounts/{name}/password
"""


def compose_blocks(services: Iterable[Service]) -> str:
    """The services that need nothing beyond what the list says of them."""
    return _lines(f"  {service.name}: *{service.name}" for service in services)


def compose_volumes(services: Iterable[Service]) -> str:
    """The volumes that no comment by hand explains."""
    return _lines(f"  {service.writes}: {{}}" for service in services)


def _args(service: Service, lock: str) -> list[tuple[str, str]]:
    own_lock = lock == service.name
    return [
        ("SERVICE", service.name),
        *([] if own_lock else [("LOCK", lock)]),
        *(("LIBRARY", library) for library in service.libraries),
        *(("PACKAGES", " ".join(names)) for names in [service.packages] if names),
    ]


def _suffix(service: Service, lock: str) -> str:
    return lock.removeprefix(service.name) if len(service.locks) > 1 else ""


def _frozenset(names: Iterable[str]) -> str:
    members = _lines(f"        Account.{_member(name)}," for name in names)
    return f"frozenset(\n    {{\n{members}    }}\n)"


def _member(name: str) -> str:
    return name.replace("-", "_").upper()


def _quoted(text: str) -> str:
    return f'"{text}"'


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
