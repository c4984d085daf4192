"""Pages of the documents that commands write into: what stands between two marks is theirs."""

from __future__ import annotations


def parts_at(page: str, begin: str, end: str) -> tuple[str, str, str]:
    """Return what stands before and with the first mark, what between the two, and what with and after the second.

    Raises
    ------
    ValueError
        If the marks are not there, in this order.
    """
    before, opened, rest = page.partition(begin)
    between, closed, after = rest.partition(end)
    if not (opened and closed):
        raise ValueError(f"the page has no marks: no {begin.strip()} followed by {end}")
    return before + opened, between, closed + after


def with_text(page: str, begin: str, end: str, text: str) -> str:
    """Return a page with a text, and empty lines around it, between two marks."""
    before, _, after = parts_at(page, begin, end)
    return f"{before}\n\n{text}\n\n{after}"


def with_table(page: str, name: str, text: str) -> str:
    """Return a page with a text between the marks of a named table."""
    before, _, after = parts_at(page, f"<!-- table: {name} -->\n", "<!-- end of table -->")
    return f"{before}\n{text}\n{after}"
