"""One module a resource."""

from starlette.convertors import StringConvertor, register_url_convertor


class IdConvertor(StringConvertor):
    """{name:id}: an id ends where a verb begins, so that another method on "ID:retry" isn't taken for one on an id."""

    regex = "[^/:]+"


register_url_convertor("id", IdConvertor())
