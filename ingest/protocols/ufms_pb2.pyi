# ruff: noqa
# mypy: disable-error-code=type-arg
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class MsgType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MsgType_WayPoint: _ClassVar[MsgType]
    MsgType_BusWayPoint: _ClassVar[MsgType]
    MsgType_BusWayPointBatch: _ClassVar[MsgType]
    MsgType_BusWayPoints: _ClassVar[MsgType]
    MsgType_StudentCheckInPoint: _ClassVar[MsgType]
    MsgType_RegVehicle: _ClassVar[MsgType]
    MsgType_RegDriver: _ClassVar[MsgType]
    MsgType_RegCompany: _ClassVar[MsgType]
    MsgType_BusTicketPoint: _ClassVar[MsgType]
    MsgType_BusTicketStartEndPoint: _ClassVar[MsgType]
    MsgType_BusTicketRecoverPoint: _ClassVar[MsgType]

MsgType_WayPoint: MsgType
MsgType_BusWayPoint: MsgType
MsgType_BusWayPointBatch: MsgType
MsgType_BusWayPoints: MsgType
MsgType_StudentCheckInPoint: MsgType
MsgType_RegVehicle: MsgType
MsgType_RegDriver: MsgType
MsgType_RegCompany: MsgType
MsgType_BusTicketPoint: MsgType
MsgType_BusTicketStartEndPoint: MsgType
MsgType_BusTicketRecoverPoint: MsgType

class BaseMessage(_message.Message):
    __slots__ = (
        "msgType",
        "msgWayPoint",
        "msgBusWayPoint",
        "msgBusWayPoints",
        "msgRegVehicle",
        "msgRegDriver",
        "msgRegCompany",
    )
    MSGTYPE_FIELD_NUMBER: _ClassVar[int]
    MSGWAYPOINT_FIELD_NUMBER: _ClassVar[int]
    MSGBUSWAYPOINT_FIELD_NUMBER: _ClassVar[int]
    MSGBUSWAYPOINTS_FIELD_NUMBER: _ClassVar[int]
    MSGREGVEHICLE_FIELD_NUMBER: _ClassVar[int]
    MSGREGDRIVER_FIELD_NUMBER: _ClassVar[int]
    MSGREGCOMPANY_FIELD_NUMBER: _ClassVar[int]
    msgType: int
    msgWayPoint: WayPoint
    msgBusWayPoint: BusWayPoint
    msgBusWayPoints: BusWayPoints
    msgRegVehicle: RegVehicle
    msgRegDriver: RegDriver
    msgRegCompany: RegCompany
    def __init__(
        self,
        msgType: _Optional[int] = ...,
        msgWayPoint: _Optional[_Union[WayPoint, _Mapping]] = ...,
        msgBusWayPoint: _Optional[_Union[BusWayPoint, _Mapping]] = ...,
        msgBusWayPoints: _Optional[_Union[BusWayPoints, _Mapping]] = ...,
        msgRegVehicle: _Optional[_Union[RegVehicle, _Mapping]] = ...,
        msgRegDriver: _Optional[_Union[RegDriver, _Mapping]] = ...,
        msgRegCompany: _Optional[_Union[RegCompany, _Mapping]] = ...,
    ) -> None: ...

class WayPoint(_message.Message):
    __slots__ = ("vehicle", "driver", "speed", "datetime", "x", "y", "z", "heading", "ignition", "door", "aircon")
    VEHICLE_FIELD_NUMBER: _ClassVar[int]
    DRIVER_FIELD_NUMBER: _ClassVar[int]
    SPEED_FIELD_NUMBER: _ClassVar[int]
    DATETIME_FIELD_NUMBER: _ClassVar[int]
    X_FIELD_NUMBER: _ClassVar[int]
    Y_FIELD_NUMBER: _ClassVar[int]
    Z_FIELD_NUMBER: _ClassVar[int]
    HEADING_FIELD_NUMBER: _ClassVar[int]
    IGNITION_FIELD_NUMBER: _ClassVar[int]
    DOOR_FIELD_NUMBER: _ClassVar[int]
    AIRCON_FIELD_NUMBER: _ClassVar[int]
    vehicle: str
    driver: str
    speed: float
    datetime: int
    x: float
    y: float
    z: float
    heading: float
    ignition: bool
    door: bool
    aircon: bool
    def __init__(
        self,
        vehicle: _Optional[str] = ...,
        driver: _Optional[str] = ...,
        speed: _Optional[float] = ...,
        datetime: _Optional[int] = ...,
        x: _Optional[float] = ...,
        y: _Optional[float] = ...,
        z: _Optional[float] = ...,
        heading: _Optional[float] = ...,
        ignition: _Optional[bool] = ...,
        door: _Optional[bool] = ...,
        aircon: _Optional[bool] = ...,
    ) -> None: ...

class BusWayPoint(_message.Message):
    __slots__ = (
        "vehicle",
        "driver",
        "speed",
        "datetime",
        "x",
        "y",
        "z",
        "heading",
        "ignition",
        "aircon",
        "door_up",
        "door_down",
        "sos",
        "working",
        "analog1",
        "analog2",
    )
    VEHICLE_FIELD_NUMBER: _ClassVar[int]
    DRIVER_FIELD_NUMBER: _ClassVar[int]
    SPEED_FIELD_NUMBER: _ClassVar[int]
    DATETIME_FIELD_NUMBER: _ClassVar[int]
    X_FIELD_NUMBER: _ClassVar[int]
    Y_FIELD_NUMBER: _ClassVar[int]
    Z_FIELD_NUMBER: _ClassVar[int]
    HEADING_FIELD_NUMBER: _ClassVar[int]
    IGNITION_FIELD_NUMBER: _ClassVar[int]
    AIRCON_FIELD_NUMBER: _ClassVar[int]
    DOOR_UP_FIELD_NUMBER: _ClassVar[int]
    DOOR_DOWN_FIELD_NUMBER: _ClassVar[int]
    SOS_FIELD_NUMBER: _ClassVar[int]
    WORKING_FIELD_NUMBER: _ClassVar[int]
    ANALOG1_FIELD_NUMBER: _ClassVar[int]
    ANALOG2_FIELD_NUMBER: _ClassVar[int]
    vehicle: str
    driver: str
    speed: float
    datetime: int
    x: float
    y: float
    z: float
    heading: float
    ignition: bool
    aircon: bool
    door_up: bool
    door_down: bool
    sos: bool
    working: bool
    analog1: float
    analog2: float
    def __init__(
        self,
        vehicle: _Optional[str] = ...,
        driver: _Optional[str] = ...,
        speed: _Optional[float] = ...,
        datetime: _Optional[int] = ...,
        x: _Optional[float] = ...,
        y: _Optional[float] = ...,
        z: _Optional[float] = ...,
        heading: _Optional[float] = ...,
        ignition: _Optional[bool] = ...,
        aircon: _Optional[bool] = ...,
        door_up: _Optional[bool] = ...,
        door_down: _Optional[bool] = ...,
        sos: _Optional[bool] = ...,
        working: _Optional[bool] = ...,
        analog1: _Optional[float] = ...,
        analog2: _Optional[float] = ...,
    ) -> None: ...

class BusWayPoints(_message.Message):
    __slots__ = ("Events",)
    EVENTS_FIELD_NUMBER: _ClassVar[int]
    Events: _containers.RepeatedScalarFieldContainer[bytes]
    def __init__(self, Events: _Optional[_Iterable[bytes]] = ...) -> None: ...

class RegVehicle(_message.Message):
    __slots__ = (
        "vehicle",
        "vehicleType",
        "driver",
        "company",
        "deviceModelNo",
        "deviceModel",
        "deviceId",
        "sim",
        "datetime",
        "vin",
    )
    VEHICLE_FIELD_NUMBER: _ClassVar[int]
    VEHICLETYPE_FIELD_NUMBER: _ClassVar[int]
    DRIVER_FIELD_NUMBER: _ClassVar[int]
    COMPANY_FIELD_NUMBER: _ClassVar[int]
    DEVICEMODELNO_FIELD_NUMBER: _ClassVar[int]
    DEVICEMODEL_FIELD_NUMBER: _ClassVar[int]
    DEVICEID_FIELD_NUMBER: _ClassVar[int]
    SIM_FIELD_NUMBER: _ClassVar[int]
    DATETIME_FIELD_NUMBER: _ClassVar[int]
    VIN_FIELD_NUMBER: _ClassVar[int]
    vehicle: str
    vehicleType: int
    driver: str
    company: str
    deviceModelNo: int
    deviceModel: str
    deviceId: str
    sim: str
    datetime: int
    vin: str
    def __init__(
        self,
        vehicle: _Optional[str] = ...,
        vehicleType: _Optional[int] = ...,
        driver: _Optional[str] = ...,
        company: _Optional[str] = ...,
        deviceModelNo: _Optional[int] = ...,
        deviceModel: _Optional[str] = ...,
        deviceId: _Optional[str] = ...,
        sim: _Optional[str] = ...,
        datetime: _Optional[int] = ...,
        vin: _Optional[str] = ...,
    ) -> None: ...

class RegDriver(_message.Message):
    __slots__ = ("driver", "name", "datetimeIssue", "datetimeExpire", "regPlace", "license")
    DRIVER_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    DATETIMEISSUE_FIELD_NUMBER: _ClassVar[int]
    DATETIMEEXPIRE_FIELD_NUMBER: _ClassVar[int]
    REGPLACE_FIELD_NUMBER: _ClassVar[int]
    LICENSE_FIELD_NUMBER: _ClassVar[int]
    driver: str
    name: str
    datetimeIssue: int
    datetimeExpire: int
    regPlace: str
    license: str
    def __init__(
        self,
        driver: _Optional[str] = ...,
        name: _Optional[str] = ...,
        datetimeIssue: _Optional[int] = ...,
        datetimeExpire: _Optional[int] = ...,
        regPlace: _Optional[str] = ...,
        license: _Optional[str] = ...,
    ) -> None: ...

class RegCompany(_message.Message):
    __slots__ = ("company", "name", "address", "tel")
    COMPANY_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    TEL_FIELD_NUMBER: _ClassVar[int]
    company: str
    name: str
    address: str
    tel: str
    def __init__(
        self,
        company: _Optional[str] = ...,
        name: _Optional[str] = ...,
        address: _Optional[str] = ...,
        tel: _Optional[str] = ...,
    ) -> None: ...
