"""Everything the engine raises on purpose."""


class GraderError(Exception):
    """Base of the engine's errors. `code` is stable; the message names the value, the place and the remedy."""

    code = "grader_error"


class ModelUnavailable(GraderError):
    """The embedding model can't be found, read or verified."""

    code = "model_unavailable"


class AnswerInvalid(GraderError):
    """The answer can't be read as text, or is longer than the limit."""

    code = "answer_invalid"


class WeightsInvalid(GraderError):
    """Learned weights or calibration are missing, damaged or made for another encoder."""

    code = "weights_invalid"


class DataInvalid(GraderError):
    """A file of marked answers can't be read."""

    code = "data_invalid"


class RatingInvalid(GraderError):
    """A person's rating that doesn't fit the answer. `field`: its place in what was sent: `key_points[1].reason`."""

    code = "rating_invalid"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field, self.message = field, message
