"""What may go wrong and is expected: one line for the user, a code for programs, a hint that says what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

MESSAGE_LIMIT = 200  # characters; one line in a panel, a toast or a terminal


def one_line(text: str, limit: int = MESSAGE_LIMIT) -> str:
    """Fold white space, drop control characters and cut to `limit` characters, so that text from a model stays one line."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    folded = " ".join(printable.split())
    return folded if len(folded) <= limit else folded[: limit - 1] + "…"


def sayable(value: Any) -> Any:
    """The same JSON with U+FFFD for what no JSON can carry: bytes of a model that are no UTF-8 (lone surrogates here)."""
    if isinstance(value, str):
        return value if value.isascii() else "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in value)
    if isinstance(value, Mapping):
        return {sayable(key): sayable(item) for key, item in value.items()}
    return [sayable(item) for item in value] if isinstance(value, (list, tuple)) else value


class AppError(Exception):
    """An expected failure. `status` is the HTTP status it answers with (EDITS contract: 400, 401, 403, 404, 409, 413, 422, 423, 429)."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        subjects: Sequence[str] = (),
        hint: str = "",
        status: int = 400,
        fields: Mapping[str, str] | None = None,
        choices: Sequence[Mapping[str, Any]] | None = None,
    ) -> None:
        self.code = code
        self.message = one_line(message)
        self.subjects = tuple(sayable(list(subjects)))
        self.hint = one_line(hint)
        self.status = status
        self.fields = sayable(fields) if fields else None
        self.choices = sayable(list(choices)) if choices else None
        super().__init__(self.message)

    def to_json(self) -> dict[str, Any]:
        """The value of `error` in an answer: code, message, subjects, hint and, where they apply, fields and choices."""
        data: dict[str, Any] = {
            "code": self.code,
            "message": self.message,
            "subjects": list(self.subjects),
            "hint": self.hint,
        }
        if self.fields is not None:
            data["fields"] = self.fields
        if self.choices is not None:
            data["choices"] = self.choices
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any], status: int = 400) -> AppError:
        """The error that another process reported with `to_json`."""
        return cls(
            data["code"],
            data["message"],
            subjects=data.get("subjects", ()),
            hint=data.get("hint", ""),
            status=status,
            fields=data.get("fields"),
            choices=data.get("choices"),
        )


class EditRejected(AppError):
    """An edit that would be wrong: nothing was changed; `hint` says what to do instead. `fields` names the parameters at fault, where a form shows them."""

    def __init__(
        self,
        message: str,
        *,
        subjects: Sequence[str] = (),
        hint: str,
        code: str = "edit-rejected",
        fields: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code, message, subjects=subjects, hint=hint, status=400, fields=fields)


class ChoiceNeeded(AppError):
    """An edit that only a person can decide; each choice names the parameter and the value that answers it."""

    def __init__(
        self, message: str, choices: Sequence[Mapping[str, Any]], *, subjects: Sequence[str] = (), hint: str
    ) -> None:
        super().__init__("choice-needed", message, subjects=subjects, hint=hint, status=409, choices=choices)
