"""What a deployment sets, read once at the root from the environment (prefix HANHTRINH_) or a .env file."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


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
