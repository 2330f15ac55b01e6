"""What language models said about doubtful points. Raters of their own: nothing here is ever laid over a result."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from api.tables.base import Base
from api.tables.checks import one_of, sha256
from api.tables.workspaces import Owned


class OpinionRow(Owned, Base):
    """A model's word on one key point of one evaluation. `key`: hash of all that was asked; `verdict` null: the reply
    meant nothing. Without words of the answer, and gone with it.
    """

    __tablename__ = "opinions"

    evaluation_id: Mapped[UUID] = mapped_column(ForeignKey("evaluations.id", ondelete="CASCADE"), primary_key=True)
    key_point_id: Mapped[str] = mapped_column(primary_key=True)
    rater: Mapped[str] = mapped_column(primary_key=True)
    statement: Mapped[str]
    key: Mapped[str]
    verdict: Mapped[str | None]
    created_at: Mapped[datetime]

    __table_args__ = (
        Index(None, "key"),
        one_of("verdict", "covered", "missed", "contradicted", "unsure"),
        sha256("key"),
        CheckConstraint("rater LIKE 'model:_%'", name="rater"),
    )


class OpinionDayRow(Base):
    """Calls of a day (UTC): all, and of these answered, meaningless, and without a reply."""

    __tablename__ = "opinion_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    calls: Mapped[int]
    answered: Mapped[int]
    garbage: Mapped[int]
    unreachable: Mapped[int]

    __table_args__ = (
        CheckConstraint(
            "answered >= 0 AND garbage >= 0 AND unreachable >= 0 AND answered + garbage + unreachable <= calls",
            name="calls",
        ),
    )
