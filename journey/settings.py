"""What a deployment sets, read once at the root from the environment (prefix HANHTRINH_) or a .env file."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

_LOOPBACK = r"http://(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?"  # without TLS only where nobody else can listen


class Settings(BaseSettings):
    """Frozen settings. A wrong value is refused at start, by name."""

    model_config = SettingsConfigDict(env_prefix="HANHTRINH_", env_file=".env", frozen=True, extra="ignore")

    database_url: SecretStr | None = Field(
        None,
        description="postgresql://user:password@host:5432/name; absent: the embedded server in data_folder",
    )
    data_folder: Path = Field(Path("data"), description="where the embedded PostgreSQL keeps its files")
    method: str = Field("method", description="method file: a name in rules/law, or a path ending in .yaml")
    batch_fixes: int = Field(50_000, ge=1, le=1_000_000, description="most fixes in one transaction")
    log_level: str = Field("info", pattern="^(debug|info|warning|error)$")
    log_form: str = Field(
        "text", pattern="^(text|json)$", description="text: lines for people; json: one object a line"
    )
    disk_folder: Path | None = Field(
        None,
        description="a folder whose disk is watched in the metrics, such as that of the database's files; the embedded "
        "server's is watched anyway",
    )
    backup_folder: Path | None = Field(
        None,
        description="a folder of `hanhtrinh db backup` files (*.dump): check tells in its metrics when the newest was "
        "made, and `hanhtrinh doctor` says where it is old",
    )
    tiles_folder: Path | None = Field(
        None,
        description="where `hanhtrinh roads build` puts the tiles that suspect tracks are matched with; absent: a fix "
        "is judged by all roads near it",
    )
    keep_days: int | None = Field(
        None,
        ge=1,
        description="age in days after which `hanhtrinh db keep --drop` removes fixes; absent: kept for ever",
    )
    rejection_days: int | None = Field(
        None,
        ge=1,
        description="age in days after which `hanhtrinh rejections prune` removes one; absent: kept for ever",
    )
    list_grace_days: int = Field(
        5,
        ge=0,
        le=60,
        description="days after a week's end that late data has before its list can be published",
    )
    list_key: Path | None = Field(None, description="file with the private key that signs lists: `hanhtrinh list key`")
    timestamp_url: str | None = Field(
        None,
        pattern="^https?://",
        description="time-stamping authority (RFC 3161) that is asked to stamp what is published",
    )
    session_idle_min: int = Field(30, ge=1, le=1440, description="minutes without a request that end a desk session")
    session_hours: int = Field(12, ge=1, le=168, description="hours after which a desk session ends in any case")
    login_failures: int = Field(10, ge=3, le=1000, description="failed logins of one account in 15 minutes")
    address_failures: int = Field(100, ge=3, le=100_000, description="failed logins from one address in 15 minutes")
    case_answer_days: int = Field(
        10,
        ge=1,
        le=366,
        description="days in which an operator may answer; the Department's own term, no law on file states one",
    )
    case_decision_days: int = Field(
        30,
        ge=1,
        le=366,
        description="days in which a dispute is decided; the Department's own term, no law on file states one",
    )
    attachment_mib: int = Field(10, ge=1, le=100, description="largest document of a case, MiB")
    oidc_issuer: str | None = Field(
        None,
        pattern=rf"^(https://[^/?#]+|{_LOOPBACK})(/[^?#]*)?$",
        description="OpenID provider by which people may log in too, as it names itself; absent: by passwords only",
    )
    oidc_client: str | None = Field(None, min_length=1, description="id of the desk at the OpenID provider")
    oidc_secret: SecretStr | None = Field(None, description="secret of the desk there; absent: it is a public client")
    oidc_desk: str | None = Field(
        None,
        pattern=rf"^(https://[^/?#]+|{_LOOPBACK})$",
        description="address of the desk as browsers reach it, to which the OpenID provider sends them back",
    )
    oidc_name: str = Field("OpenID", min_length=1, max_length=60, description="what people call the OpenID provider")
