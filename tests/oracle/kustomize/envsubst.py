"""Flux's variable substitution: github.com/fluxcd/pkg/envsubst (a fork of drone/envsubst), ported with its quirks.

    ${v} ${v:-d} ${v:=d} ${v=d} ${#v} ${v^} ${v^^} ${v,} ${v,,} ${v:o} ${v:o:n}
    ${v#p} ${v##p} ${v%p} ${v%%p} ${v/a/b} ${v//a/b} ${v/#a/b} ${v/%a/b}

`$$` writes one `$`; `$v` without braces is text. Defaults nest.
`${v-d}` is an error: the original knows the operator but its parser does not.
"""

import re

IDENT, LBRACK, RBRACK, ESCAPE = 1, 2, 4, 8
DOLLAR, BACKSLASH = 1, 2
EOF = "\0"


class BadSubstitution(Exception):
    pass


class Text:
    def __init__(self, value):
        self.value = value


class Expansion:
    def __init__(self, name, operator="", arguments=None):
        self.name = name
        self.operator = operator
        self.arguments = arguments if arguments is not None else []


class Scanner:
    """The scanner of the original, rune by rune: its corner cases are part of the grammar."""

    def __init__(self, text):
        # A list, because an escape removes one character in place.
        self.text = list(text)
        self.pos = 0
        self.start = 0
        self.width = 0
        self.mode = 0
        self.escapes = 0
        self.accept = None

    def read(self):
        if self.pos >= len(self.text):
            self.width = 0
            return EOF
        self.width = 1
        self.pos += 1
        return self.text[self.pos - 1]

    def unread(self):
        self.pos -= self.width

    def peek(self):
        char = self.read()
        self.unread()
        return char

    def skip(self):
        del self.text[self.pos - 1]

    def string(self):
        return "".join(self.text[self.start : self.pos])

    def scan(self):
        self.start = self.pos
        char = self.read()
        if char == EOF:
            return "eof"
        if self.is_left(char):
            return "left"
        if self.mode & RBRACK and char == "}":
            return "right"
        if self.is_ident(char):
            return "ident"
        return "illegal"

    def is_ident(self, char):
        if not self.mode & IDENT:
            return False
        if self.is_escaped(char):
            self.skip()
        elif not self.accept(char, self.pos - self.start):
            return False
        while True:
            char = self.read()
            if char == EOF:
                self.unread()
                break
            if self.is_left(char):
                self.unread()
                self.unread()
                break
            if self.is_escaped(char):
                self.skip()
                continue
            if not self.accept(char, self.pos - self.start):
                self.unread()
                break
        return True

    def is_left(self, char):
        if not self.mode & LBRACK:
            return False
        if char == "$":
            if self.read() == "{":
                return True
            self.unread()
        return False

    def is_escaped(self, char):
        if not self.mode & ESCAPE:
            return False
        if char == "$" and self.escapes & DOLLAR and self.peek() == "$":
            return True
        if char == "\\" and self.escapes & BACKSLASH:
            return self.peek() in "/\\"
        return False


def _any(_char, _i):
    return True


def _ident(char, _i):
    return char.isalpha() or char.isdecimal() or char == "_"


def _not_closing(char, _i):
    return char != "}"


def _default(char, i):
    return (i == 1 and char == ":") or (i == 2 and char in "=-?+")


def _replace(char, i):
    return (i == 1 and char == "/") or (i == 2 and char in "/#%")


class Parser:
    def __init__(self, text):
        self.scanner = Scanner(text)

    def scan(self, accept, mode):
        self.scanner.accept = accept
        self.scanner.mode = mode
        return self.scanner.scan()

    def expect(self, accept, mode=IDENT):
        if self.scan(accept, mode) != "ident":
            raise BadSubstitution("bad substitution")
        return self.scanner.string()

    def close(self):
        self.scanner.mode = RBRACK
        if self.scanner.scan() != "right":
            raise BadSubstitution("bad substitution")

    def parse(self):
        nodes = []
        while True:
            self.scanner.escapes = DOLLAR
            token = self.scan(_any, IDENT | LBRACK | ESCAPE)
            if token == "ident":
                nodes.append(Text(self.scanner.string()))
            elif token == "left":
                nodes.append(self.expansion())
            elif token == "eof":
                return nodes
            else:
                raise BadSubstitution("bad substitution")

    def expansion(self):
        self.scanner.escapes = DOLLAR | BACKSLASH
        if self.scanner.peek() == "#":
            operator = self.expect(lambda char, i: char == "#" and i == 1)
            node = Expansion(self.expect(_ident), operator)
            self.close()
            return node
        if self.scan(_ident, IDENT) != "ident":
            raise BadSubstitution("unable to parse variable name")
        name = self.scanner.string()
        following = self.scanner.peek()
        if following == ":":
            self.scanner.read()
            second = self.scanner.peek()
            self.scanner.unread()
            if second in ("=", "-", "?", "+"):
                return self.default(name)
            return self.substring(name)
        if following == "=":
            return self.default(name)
        if following in (",", "^"):
            node = Expansion(name, self.expect(lambda char, i: char in ",^" and i < 3))
            self.close()
            return node
        if following == "/":
            return self.replace(name)
        if following in ("#", "%"):
            node = Expansion(name, self.expect(lambda char, i: char == following and i < 3))
            node.arguments.append(self.argument(_not_closing, IDENT))
            self.close()
            return node
        if self.scan(_ident, RBRACK) != "right":
            raise BadSubstitution("missing closing brace")
        return Expansion(name)

    def argument(self, accept, mode):
        token = self.scan(accept, mode | LBRACK)
        if token == "left":
            return self.expansion()
        if token in ("ident", "right"):
            return Text(self.scanner.string())
        raise BadSubstitution("unable to parse substitution within function")

    def default(self, name):
        accept = _default
        if self.scanner.peek() == "=":
            accept = lambda char, i: i == 1 and char == "="
        node = Expansion(name, self.expect(accept))
        while self.scanner.peek() != "}":
            node.arguments.append(self.argument(_not_closing, IDENT))
        self.close()
        return node

    def substring(self, name):
        node = Expansion(name, self.expect(lambda char, i: i == 1 and char == ":"))
        node.arguments.append(self.argument(lambda char, _i: char not in ":}", IDENT))
        token = self.scan(lambda char, _i: char == ":", IDENT | RBRACK)
        if token == "right":
            return node
        if token != "ident":
            raise BadSubstitution("bad substitution")
        node.arguments.append(self.argument(_not_closing, IDENT))
        self.close()
        return node

    def replace(self, name):
        node = Expansion(name, self.expect(_replace))
        node.arguments.append(self.argument(lambda char, _i: char != "/", IDENT | ESCAPE))
        self.expect(lambda char, _i: char == "/")
        if self.scanner.peek() != "}":
            node.arguments.append(self.argument(_not_closing, IDENT | ESCAPE))
        self.close()
        return node


def glob_match(pattern, text):
    """Go's path.Match without the special case for `/`."""
    out = []
    i = 0
    while i < len(pattern):
        char = pattern[i]
        if char == "*":
            out.append(".*")
        elif char == "?":
            out.append(".")
        elif char == "\\" and i + 1 < len(pattern):
            i += 1
            out.append(re.escape(pattern[i]))
        elif char == "[" and "]" in pattern[i + 2 :]:
            end = pattern.index("]", i + 2)
            out.append("[" + pattern[i + 1 : end].replace("\\", "\\\\") + "]")
            i = end
        else:
            out.append(re.escape(char))
        i += 1
    return re.fullmatch("".join(out), text, re.DOTALL) is not None


def _trim(text, pattern, shortest):
    found = ""
    for end in range(len(text), 0, -1):
        if glob_match(pattern, text[:end]):
            found = text[:end]
            if not shortest:
                break
    return text[len(found) :]


def _trim_end(text, pattern, shortest):
    # The original reverses the pattern too, so `[ab]` and escapes do not work there either.
    return _trim(text[::-1], pattern[::-1], shortest)[::-1]


def _substring(text, arguments):
    data = text.encode()
    try:
        pos = int(arguments[0])
        length = int(arguments[1]) if len(arguments) > 1 else None
    except ValueError:
        return text
    if pos < 0:
        pos = max(0, len(data) + pos)
    if length is None:
        data = data[pos:]
    elif length < 0:
        end = len(data) + length
        data = data[pos:end] if end >= pos else b""
    else:
        data = data[pos : pos + length]
    return data.decode("utf-8", "replace")


def apply_operator(operator, value, arguments):
    if operator == ",":
        return value[:1].lower() + value[1:]
    if operator == ",,":
        return value.lower()
    if operator == "^":
        return value[:1].upper() + value[1:]
    if operator == "^^":
        return value.upper()
    if operator == "#" and not arguments:
        return str(len(value.encode()))
    if operator in ("#", "##"):
        return _trim(value, arguments[0], operator == "#")
    if operator in ("%", "%%"):
        return _trim_end(value, arguments[0], operator == "%")
    if operator == ":":
        return _substring(value, arguments)
    if operator in ("/", "//"):
        count = 1 if operator == "/" else -1
        return value.replace(arguments[0], arguments[1] if len(arguments) > 1 else "", count)
    if operator == "/#":
        if len(arguments) == 2 and value.startswith(arguments[0]):
            return value.replace(arguments[0], arguments[1], 1)
        return value
    if operator == "/%":
        if len(arguments) == 2 and value.endswith(arguments[0]):
            return value[: len(value) - len(arguments[0])] + arguments[1]
        return value
    # Everything else is a default, `:+` and `:?` included: the fork does not tell them apart.
    return value if value else "".join(arguments)


def evaluate(node, lookup, unknown):
    if isinstance(node, Text):
        return node.value
    value = lookup(node.name)
    arguments = [evaluate(argument, lookup, unknown) for argument in node.arguments]
    if value is None:
        return unknown
    if unknown in value and node.operator:
        return unknown
    return apply_operator(node.operator, value, arguments)


def substitute(text, lookup, unknown="\0"):
    """Expands `text`. `lookup(name)` gives the value, "" for a variable that is not set, None for one that nobody knows;
    an expansion of the latter becomes `unknown`, whatever its operator is."""
    if "$" not in text:
        return text
    return "".join(evaluate(node, lookup, unknown) for node in Parser(text).parse())
