"""Texts of every form, for hypothesis."""

from datetime import date

from hypothesis import strategies as st

years = st.integers(1000, 9000).map(lambda year: f"{year:04}")
months = st.dates(date(1000, 1, 1), date(9000, 12, 31)).map(lambda day: day.isoformat()[:7])
days = st.dates(date(1000, 1, 1), date(9000, 12, 31)).map(date.isoformat)
seasons = st.builds("{}-{}".format, years, st.sampled_from(["21", "22", "23", "24"]))
decades = st.integers(100, 900).map("{}X".format)
centuries = st.integers(10, 90).map("{}XX".format)
unspecified = years.map("{}-XX".format) | years.map("{}-XX-XX".format) | months.map("{}-XX".format)
qualifiers = st.sampled_from(["~", "?", "%"])

bounds = years | months | days
plain_points = bounds | seasons | decades | centuries | unspecified
qualified_points = st.builds("{}{}".format, bounds | decades | centuries | unspecified, qualifiers)
points = plain_points | qualified_points


@st.composite
def ordered(draw, texts):
    return sorted([draw(texts), draw(texts)])


# Ends of one kind are in order as text; level 1 takes plain and qualified dates and seasons as ends.
ends = st.builds("{}{}".format, bounds, st.sampled_from(["", "~", "?", "%"]))
closed_extents = (ordered(years) | ordered(months) | ordered(days) | ordered(seasons)).map("/".join) | st.builds(
    "{1[0]}{0[0]}/{1[1]}{0[1]}".format, st.tuples(qualifiers, qualifiers), ordered(days)
)
open_extents = st.builds(str.format, st.sampled_from(["{}/..", "../{}", "{}/", "/{}"]), ends)
extents = closed_extents | open_extents

spans = (ordered(years) | ordered(months) | ordered(days)).map("..".join)
choices = (
    spans.map("[{}]".format)
    | bounds.map("[..{}]".format)
    | bounds.map("[{}..]".format)
    | st.lists(bounds | spans, min_size=2, max_size=2).map(lambda members: f"[{','.join(members)}]")
)

texts = points | extents | choices
