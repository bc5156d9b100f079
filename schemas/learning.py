"""The canonical records of learning systems: who learns what, and what they hold for it; never a vendor's field name."""

from enum import StrEnum

from pydantic import AwareDatetime, Field

from schemas.entities import Entity, Text


class Learner(Entity):
    """A user of a learning system. Written: made if the address is not there."""

    email: Text = Field(description="Mail address: who it is in every system.")
    first_name: str | None = Field(default=None, description="Given name.")
    last_name: str | None = Field(default=None, description="Family name.")
    organisation: str | None = Field(default=None, description="What the system holds for their organisation.")
    language: str | None = Field(default=None, description="ISO 639-1 code.")
    active: bool = Field(default=True, description="Whether the user can sign in.")


class LearningKind(StrEnum):
    """What can be learned and completed."""

    COURSE = "course"
    PATH = "path"
    MODULE = "module"
    BADGE = "badge"
    OTHER = "other"


class EnrollmentStatus(StrEnum):
    """How far a learner has come with a course or a path."""

    ENROLLED = "enrolled"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    FAILED = "failed"
    DROPPED = "dropped"


class Enrollment(Entity):
    """A learner in a course or a learning path."""

    learner: Text = Field(description="The learner's id in the same system.")
    email: str | None = Field(default=None, description="The learner's mail address, where the system says it here.")
    item: Text = Field(description="The id of the course or path.")
    item_name: str | None = Field(default=None, description="What it is called.")
    kind: LearningKind = Field(default=LearningKind.COURSE, description="A course or a path.")
    status: EnrollmentStatus = Field(default=EnrollmentStatus.ENROLLED, description="How far the learner has come.")
    progress: float | None = Field(default=None, ge=0, le=1, description="0 to 1.")
    enrolled_at: AwareDatetime | None = Field(default=None, description="Since when.")
    completed_at: AwareDatetime | None = Field(default=None, description="When it was completed.")


class Credential(Entity):
    """A badge or certificate that a learner holds, with the day on which it lapses."""

    learner: Text = Field(description="The learner's id in the same system.")
    email: str | None = Field(default=None, description="The learner's mail address, where the system says it here.")
    item: Text = Field(description="The id of the badge, certificate, course or path that it is for.")
    name: str | None = Field(default=None, description="What it is called.", examples=["Robot Fleet Specialist"])
    issued_at: AwareDatetime = Field(description="When it was issued.")
    expires_at: AwareDatetime | None = Field(default=None, description="When it lapses; none: never.")
    revoked: bool = Field(default=False, description="Whether it was taken back.")
    url: str | None = Field(default=None, description="Where it can be seen.")


class Meaning(StrEnum):
    """What a statement of a learning record store says, whatever its verb is called."""

    REGISTERED = "registered"
    ENROLLED = "enrolled"
    STARTED = "started"
    COMPLETED = "completed"
    PASSED = "passed"
    FAILED = "failed"
    EARNED = "earned"
    LEFT = "left"
    VOIDED = "voided"


class Statement(Entity):
    """One statement of a learning record store. It never changes; a later one can void it."""

    learner: Text = Field(description="Who: `mailto:` address, its SHA-1, an OpenID, or `home page|account name`.")
    email: str | None = Field(default=None, description="The mail address, where the statement holds it.")
    name: str | None = Field(default=None, description="What the person is called.")
    meaning: Meaning = Field(description="What the verb means.")
    item: Text = Field(description="The activity's id, or for `voided` the statement's.")
    item_name: str | None = Field(default=None, description="What the activity is called.")
    kind: LearningKind = Field(default=LearningKind.OTHER, description="What the activity is.")
    success: bool | None = Field(default=None, description="Whether it was passed.")
    score: float | None = Field(default=None, ge=-1, le=1, description="Scaled, -1 to 1.")
    at: AwareDatetime = Field(description="When it happened, as the statement says.")


class PathEnrollment(Entity):
    """A command to a learning system: put this person on this learning path (or cohort), once."""

    email: Text = Field(description="Whom; the user is made first, by a write of entity `learner`.")
    path: Text = Field(description="The path's or cohort's id in the learning system.")
    enrolled_at: AwareDatetime | None = Field(
        default=None, description="Fixed by the decision: sent again it is the same."
    )
