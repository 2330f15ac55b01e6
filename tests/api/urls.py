"""Strange URLs, for fuzzing: what a stranger might name to have us reach inside."""

from hypothesis import strategies as st

from benchmarks.soak_inputs import INSIDE, OUTSIDE

_HOSTS = st.sampled_from(INSIDE + OUTSIDE) | st.ip_addresses().map(
    lambda one: f"[{one}]" if one.version == 6 else str(one)
)
_PIECES = st.sampled_from(["", "@", "user@", "user:word@", "\\", "%00", "%2e", "#", "?", "/", "//", "\t", "\r\n", " "])
_PORTS = st.sampled_from(["", ":", ":0", ":80", ":443", ":99999", ":-1", ":x"])
URLS = st.text(max_size=60) | st.builds(
    lambda scheme, before, host, after, port, path: f"{scheme}{before}{host}{after}{port}{path}",
    st.sampled_from(["https://", "http://", "HTTPS://", "https:", "file://", "gopher://", "//", ""]),
    _PIECES,
    _HOSTS,
    _PIECES,
    _PORTS,
    st.sampled_from(["", "/", "/a?b=c", "/../..", "/@127.0.0.1/", "?https://127.0.0.1"]) | st.text(max_size=20),
)
