"""Whether a message is from whom it says: what one's own mail server wrote into it (RFC 8601)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

PASS, FAIL = "pass", "fail"

_METHOD = re.compile(r"(?P<method>[\w-]+)(?:/\d+)?\s*=\s*(?P<result>[\w-]+)")
_PROPERTY = re.compile(r"(?P<kind>[\w-]+)\.(?P<name>[\w-]+)\s*=\s*(?P<value>\"[^\"]*\"|[^\s;]+)")


@dataclass(frozen=True)
class Checked:
    """One check that a server made: `dkim`, its result, and what it was of (`header.d` → a domain)."""

    method: str
    result: str
    about: dict[str, str] = field(default_factory=dict)


def is_verified(headers: Iterable[str], server: str, domain: str) -> bool:
    """Whether one's own server vouches for the domain of a message's From.

    headers: the message's Authentication-Results from the top; only the first of the server's own counts, since
    what stands below it may have been in the message when it came.
    """
    own = next((checks for name, checks in map(read_results, headers) if name == server.lower()), [])
    if any(check.method == "dmarc" and check.result == FAIL for check in own):
        return False
    return any(check.result == PASS and _speaks_for(check, domain.lower()) for check in own)


def _speaks_for(check: Checked, domain: str) -> bool:
    if check.method == "dmarc":
        return check.about.get("header.from", domain).lower() == domain
    if check.method == "dkim":
        signer = check.about.get("header.d") or check.about.get("header.i", "")
        return is_aligned(_domain(signer), domain)
    return check.method == "spf" and is_aligned(_domain(check.about.get("smtp.mailfrom", "")), domain)


def is_aligned(signer: str, domain: str) -> bool:
    """Whether one domain may speak for another: the same, or one above it, but no top-level domain."""
    return "." in signer and (domain == signer or domain.endswith(f".{signer}"))


def _domain(address: str) -> str:
    return address.strip('"<>').rpartition("@")[2].lower().rstrip(".")


def read_results(header: str) -> tuple[str, list[Checked]]:
    """The server that wrote an Authentication-Results header, in lower case, and its checks."""
    name, *clauses = _clauses(header)
    words = name.split()
    checks = [check for clause in clauses if (check := _checked(clause))]
    return (words[0].strip('"').lower() if words else ""), checks


def _checked(clause: str) -> Checked | None:
    found = _METHOD.match(clause)
    if found is None:
        return None
    properties = list(_PROPERTY.finditer(clause, found.end()))
    about = {f"{each['kind']}.{each['name']}".lower(): each["value"].strip('"') for each in properties[::-1]}
    return Checked(found["method"].lower(), found["result"].lower(), about)


def _clauses(text: str) -> list[str]:
    """The text cut at semicolons; comments, which may hold comments, are left out, quoted texts are whole."""
    clauses, depth, is_quoted, letters = [""], 0, False, iter(text)
    for letter in letters:
        whole = letter + next(letters, "") if letter == "\\" else letter
        if letter == '"' and not depth:
            is_quoted = not is_quoted
        if letter == "(" and not is_quoted:
            depth += 1
        elif letter == ")" and depth:
            depth -= 1
        elif letter == ";" and not depth and not is_quoted:
            clauses.append("")
        elif not depth:
            clauses[-1] += whole
    return [clause.strip() for clause in clauses]
