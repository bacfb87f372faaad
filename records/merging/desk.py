"""What editors said about a merged record: remarks and charge go on with the survivor, reviews were of what it was."""

from records.merging.rules import combines, stays
from records.models import Assignment, Redirect, Review

stays(Review, "record")
combines(Assignment)
stays(Redirect, "old")
