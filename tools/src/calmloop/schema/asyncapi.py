"""The bus as an AsyncAPI 3.0 document and as JSON Schemas, derived from the registry alone."""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from calmloop.contract import house_topics, topics
from calmloop.contract.messages.base import Command, Part
from calmloop.contract.topics import Account, AnyTopic, TopicKind

ASYNCAPI_VERSION = "3.0.0"
MQTT_BINDING_VERSION = "0.2.0"
DOCUMENT_VERSION = "1"
"""Raised when a reader of the old document could go wrong; fields are only ever added."""
DIALECT = "https://json-schema.org/draft/2020-12/schema"

Json = dict[str, Any]

PARAMETERS = {
    "chair_id": "The chair, small letters, digits and hyphens.",
    "service": "A service's name, such as `face-detector`.",
    "instance": "Tells replicas of a service apart.",
    "kind": "The kind of alarm.",
    "name": "What a shadow classifier is called.",
}
CONTENT_TYPES = {
    topics.CAMERA_FRAME.path: "image/jpeg",
    topics.FACE_CROP.path: "application/octet-stream",
}


def models() -> list[type[Part] | type[Command]]:
    """The models of all topics, each once, by name."""
    found = {topic.model for topic in topics.REGISTRY if topic.kind is not TopicKind.STOP}
    return sorted(found, key=lambda model: model.__name__)


def json_schemas() -> dict[str, Json]:
    """One JSON Schema (2020-12) for each message, complete in itself, by the model's name."""
    return {model.__name__: {"$schema": DIALECT, **model.model_json_schema()} for model in models()}


def document() -> Json:
    """The AsyncAPI document."""
    return {
        "asyncapi": ASYNCAPI_VERSION,
        "info": {
            "title": "Calmloop",
            "version": DOCUMENT_VERSION,
            "description": (
                "The bus of one relaxation chair: MQTT 5, clean start, nothing queued. Commands"
                " are never retained; `stop` is obeyed whatever it carries."
            ),
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "broker": {"host": "localhost:1883", "protocol": "mqtt", "protocolVersion": "5"},
            "network": {"host": "localhost:8883", "protocol": "mqtts", "protocolVersion": "5"},
        },
        "channels": {_key(topic): _channel(topic) for topic in topics.REGISTRY},
        "operations": {
            name: operation
            for topic in topics.REGISTRY
            for name, operation in _operations(topic).items()
        },
        "components": {
            "messages": {_key(topic): _message(topic) for topic in topics.REGISTRY},
            "schemas": _schemas(),
        },
    }


def _key(topic: AnyTopic) -> str:
    return topic.path.replace("{", "").replace("}", "").replace("/", "_")


def _channel(topic: AnyTopic) -> Json:
    named = {name: f"{{{name}}}" for name in topic.placeholders}
    address = topic.name("{chair_id}", **named)
    parameters = [name for name in PARAMETERS if f"{{{name}}}" in address]
    limits = {"x-rate-hz": topic.rate_hz, "x-max-age-s": topic.max_age_s}
    return {
        "address": address,
        "summary": topic.summary,
        "parameters": {name: {"description": PARAMETERS[name]} for name in parameters},
        "messages": {_key(topic): {"$ref": f"#/components/messages/{_key(topic)}"}},
        "x-kind": topic.kind.value,
        **{name: value for name, value in limits.items() if value is not None},
    }


def _operations(topic: AnyTopic) -> dict[str, Json]:
    binding: Json = {"bindingVersion": MQTT_BINDING_VERSION, "qos": topic.qos}
    sent = binding | {"retain": topic.retained}
    if topic.expiry_s is not None:
        sent["messageExpiryInterval"] = topic.expiry_s
    return {
        f"send_{_key(topic)}": _operation(topic, "send", topic.writers, sent),
        f"receive_{_key(topic)}": _operation(topic, "receive", topic.readers, binding),
    }


def _operation(topic: AnyTopic, action: str, who: frozenset[Account], binding: Json) -> Json:
    channel = f"#/channels/{_key(topic)}"
    return {
        "action": action,
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{_key(topic)}"}],
        "tags": [{"name": account.value} for account in sorted(who)],
        "bindings": {"mqtt": binding},
    }


def _message(topic: AnyTopic) -> Json:
    common = {"name": topic.model.__name__, "summary": topic.summary}
    schema = {"$ref": f"#/components/schemas/{topic.model.__name__}"}
    if topic.kind is TopicKind.STOP:
        return {
            "name": "Stop",
            "summary": topic.summary,
            "contentType": "application/octet-stream",
            "payload": {"description": "Anything at all, nothing included."},
        }
    if topic is house_topics.HOUSE_BIRTH:
        return common | {
            "contentType": "text/plain",
            "payload": {"type": "string", "enum": ["online", "offline"]},
        }
    if topic.kind is TopicKind.IMAGE:
        return common | {
            "contentType": CONTENT_TYPES[topic.path],
            "payload": {"type": "string", "format": "binary"},
            "headers": {
                "type": "object",
                "required": ["header"],
                "properties": {
                    "header": {
                        "type": "string",
                        "contentMediaType": "application/json",
                        "description": f"MQTT 5 user property: the JSON of a {common['name']}.",
                        "x-content-schema": schema,
                    }
                },
            },
        }
    return common | {"contentType": "application/json", "payload": schema}


def _schemas() -> dict[str, Json]:
    wanted: list[tuple[type[BaseModel], Any]] = [(model, "validation") for model in models()]
    _, definitions = models_json_schema(wanted, ref_template="#/components/schemas/{model}")
    schemas: dict[str, Json] = definitions["$defs"]
    return schemas
