"""Registrations of the national format (UFMS Reg*): what a provider declares, as a Notice.

The body holds the fields that were sent, as sent; the subject is the plate or licence in its normal form.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from google.protobuf.descriptor import FieldDescriptor

from ingest.protocols import _fields as fields
from ingest.protocols.ufms_pb2 import RegCompany, RegDriver, RegVehicle
from journey.model import Notice

if TYPE_CHECKING:
    from google.protobuf.message import Message


class Registration(NamedTuple):
    kind: Literal["vehicle", "driver", "company"]  # also the field that names the subject
    form: type[Message]
    must: tuple[str, ...]


# By the body's name in the BaseMessage.
REGISTRATIONS = {
    "msgRegVehicle": Registration("vehicle", RegVehicle, ("vehicle", "vehicleType", "driver", "company")),
    "msgRegDriver": Registration("driver", RegDriver, ("driver",)),
    "msgRegCompany": Registration("company", RegCompany, ("company",)),
}


def of_message(name: str, body: Any) -> Notice:
    """Raises DecodeError where a field that must be there was not sent."""
    registration = REGISTRATIONS[name]
    for field in registration.must:
        if not body.HasField(field):
            raise fields.missing(f"{name}.{field}")
    return _notice(registration, {field.name: value for field, value in body.ListFields()})


def of_json(name: str, body: dict[str, Any]) -> Notice:
    """In JSON empty fields are left out: only the subject must be there."""
    registration = REGISTRATIONS[name]
    known = (field.name for field in registration.form.DESCRIPTOR.fields)
    return _notice(registration, {field: body[field] for field in known if body.get(field) is not None})


def _notice(registration: Registration, body: dict[str, Any]) -> Notice:
    for field in registration.form.DESCRIPTOR.fields:
        value = body.get(field.name)
        # JSON writes an enum by its name.
        if field.type == FieldDescriptor.TYPE_STRING or (field.name == "vehicleType" and type(value) is str):
            if value is not None:
                fields.text(value, field.name, longest=None)
        elif value is not None:
            body[field.name] = fields.whole(value, field.name)
    return Notice(registration.kind, _subject(registration.kind, body.get(registration.kind)), body)


def _subject(kind: str, value: Any) -> str:
    if kind == "vehicle":
        return fields.vehicle(value)
    subject = fields.text(value, kind, longest=None).strip()
    if kind == "driver":
        subject = fields.driver(subject) or subject
    if not subject:
        raise fields.missing(kind)
    return subject
