#!/usr/bin/env python3
"""A second reader and writer of the wire, in another language and from the document alone.

It takes the layout of every frame from the tables of docs/protocol.md, decodes each vector of docs/protocol-vectors.json,
compares what it means, encodes the meaning again to the same bytes, and refuses what is malformed with the same code.
Nothing but the standard library. Run it from anywhere: python3 tests/peer/wire.py
"""

import json
import pathlib
import re
import struct
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SESSION_FRAMES = {"Hello", "Heartbeat", "Goodbye", "Welcome", "Closing"}
NUMBERS = {"u8": "<B", "u16": "<H", "u32": "<I", "u64": "<Q", "i32": "<i", "i64": "<q"}


class Malformed(Exception):
    """Bytes that are no frame; the argument is the code of section 12."""


def rows(text):
    """The rows of the first table in `text`, without its head."""
    table = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[2:]]


class Document:
    """What the tables of the document say."""

    def __init__(self, text):
        sections = dict(re.findall(r"^## (\d+)\. .*?\n(.*?)(?=^## |\Z)", text, re.M | re.S))
        self.codes = {
            name: {int(row[0]) for row in rows(body)}
            for name, body in re.findall(r"^### (\w+)\n(.*?)(?=^### |\Z)", sections["11"], re.M | re.S)
        }
        self.elements = {
            name: [(piece.strip("`"), int(size), kind) for _, size, piece, kind, _ in rows(body)]
            for name, body in re.findall(r"^### (\w+), \d+ bytes\n(.*?)(?=^### |\Z)", sections["10"], re.M | re.S)
        }
        frames = lambda number: {
            int(code, 16): Frame(name, rows(body))
            for code, name, body in re.findall(
                r"^### `(0x\w\w)` (\w+)\n(.*?)(?=^### |\Z)", sections[number], re.M | re.S
            )
        }
        self.frames = {"up": frames("7"), "down": frames("8") | frames("9")}


class Frame:
    """The layout of one type of frame."""

    def __init__(self, name, table):
        self.name, self.fields, self.lists, self.flags = name, [], [], 0
        self.size = 16
        for offset, size, field, kind, meaning in table:
            if field.startswith("count of"):
                limit = int(meaning.rsplit(" ", 1)[1])
                self.lists.append([field[9:].strip("`"), int(offset), limit, None])
                self.size = int(offset) + 2
            elif size.startswith("count"):
                next(entry for entry in self.lists if entry[0] == field.strip("`"))[3] = kind
            elif kind == "yes or no":
                flags = [int(bit) for bit in re.findall(r"flag (\d)", size)]
                self.fields.append({"name": field.strip("`"), "flags": flags, "pieces": []})
                self.flags |= sum(1 << bit for bit in flags)
            elif field:
                present = re.search(r"There when flag (\d) is set", meaning)
                name, _, piece = field.strip("`").partition(".")
                if piece:
                    self.fields[-1]["pieces"].append((piece, int(offset), int(size), kind))
                else:
                    entry = {"name": name, "present": int(present[1]) if present else None, "pieces": []}
                    if kind:
                        entry["pieces"].append(("", int(offset), int(size), kind))
                    self.fields.append(entry)
                    self.flags |= 1 << int(present[1]) if present else 0
                if size:
                    self.size = int(offset) + int(size)


def read_number(kind, piece):
    """64 bits and more are decimal texts, bytes are hex."""
    name = kind.split(" ")[0]
    if name == "u128":
        return str(int.from_bytes(piece, "little"))
    if name in NUMBERS:
        value = struct.unpack(NUMBERS[name], piece)[0]
        return str(value) if name in ("u64", "i64") else value
    return piece.hex()


def write_number(kind, size, value):
    name = kind.split(" ")[0]
    if name == "u128":
        return int(value).to_bytes(16, "little")
    if name in NUMBERS:
        return struct.pack(NUMBERS[name], int(value))
    return bytes.fromhex(value).ljust(size, b"\0")


def check(condition, code):
    if not condition:
        raise Malformed(code)


def check_kinds(name, pieces):
    """What the tables say in words: which kinds there are, and which pieces a kind leaves zero."""
    get = lambda key: int(pieces.get(key) or 0)
    unused = []
    if set(pieces) == {"kind", "seconds"}:
        check(get("kind") <= 3, 3006)
        unused = ["seconds"] if get("kind") == 0 else []
    elif set(pieces) == {"kind", "share", "amount"}:
        check(get("kind") <= 1, 3006)
        unused = ["share"] if get("kind") == 0 else ["amount"]
    elif set(pieces) == {"kind", "id"}:
        check(get("kind") <= 3, 3006)
        unused = ["id"] if get("kind") == 0 else []
    elif name == "QuotaRule":
        check(get("in_hours") <= 1, 3006)
        unused = [] if get("in_hours") else ["from_hour", "to_hour"]
        unused += [] if get("pace") == 2 else ["last_day"]
    elif set(pieces) == {"kind", "segmented", "segment", "explore"}:
        check(get("kind") <= 5, 3006)
        check(get("segmented") <= 1, 3004)
        unused = [] if get("kind") == 5 else ["segmented", "segment", "explore"]
        unused += [] if get("segmented") else ["segment"]
    elif "decimals" in pieces:
        check(get("kind") <= 4, 3006)
        used = {0: ["values_max"], 1: ["values_max"], 2: ["decimals", "low", "high"]}.get(get("kind"), [])
        unused = [key for key in ("decimals", "values_max", "low", "high") if key not in used]
    elif name in ("Fact", "Clause"):
        value = bytes.fromhex(pieces["value"])
        sizes = [4, 8, 1, 8] if name == "Fact" else [2, 2, 2, 2, 16, 1, 12]
        check(get("kind") < len(sizes), 3006)
        check(sizes[get("kind")] != 1 or value[0] <= 1, 3006)
        check(not any(value[sizes[get("kind")]:]), 3004)
    elif name == "Modifier":
        sizes = [4, 1, 16]
        check(get("kind") < len(sizes), 3006)
        value = bytes.fromhex(pieces["value"])
        check(not any(value[sizes[get("kind")]:]), 3004)
        check(sizes[get("kind")] != 1 or value[0] <= 1, 3006)
        check(get("change") <= 1, 3006)
        check(get("change") == 1 or 0 <= get("amount") < 1 << 32, 3006)
    elif name == "DialTarget":
        check(get("length") <= 64, 3007)
        check(not any(bytes.fromhex(pieces["bytes"])[get("length"):]), 3004)
    elif name == "Bid":
        check(get("present") <= 1, 3006)
        unused = [] if get("present") else ["amount"]
    elif name == "Verdict":
        check(get("present") <= 1, 3005)
        unused = [] if get("present") else ["attribute"]
        unused += {0: ["distance", "most"], 4: [], 7: []}.get(get("measure"), ["most"])
        unused += [] if get("standing") == 2 else ["reason", "attribute", "measure", "distance", "present"]
    check(all(get(key) == 0 for key in unused), 3004)


def read_element(document, name, data):
    pieces, at = {}, 0
    for piece, size, kind in document.elements[name]:
        own = data[at:at + size]
        at += size
        if piece == "reserved":
            check(not any(own), 3004)
            continue
        pieces[piece] = read_number(kind, own)
        listed = re.match(r"u8 \[(\w+)\]", kind)
        check(not listed or own[0] in document.codes[listed[1]], 3006)
    check_kinds(name, pieces)
    return pieces


def decode(document, direction, data):
    """The name of a frame and what it means."""
    check(len(data) >= 16, 3001)
    length, code, flags, reserved, number = struct.unpack_from("<IBBHQ", data)
    check(12 <= length <= 4092 and length + 4 == len(data), 3001)
    check(reserved == 0, 3004)
    check(code in document.frames[direction], 3002)
    frame = document.frames[direction][code]
    check(len(data) >= frame.size, 3003)
    check(number == 0 if frame.name in SESSION_FRAMES else 0 < number < 1 << 63, 3009)
    check(flags & ~frame.flags == 0, 3005)
    meaning = {"number": str(number)}
    for field in frame.fields:
        name, pieces = field["name"], field["pieces"]
        if "flags" in field:
            bits = [bool(flags >> bit & 1) for bit in field["flags"]]
            check(len(bits) == 1 or bits[0] or not bits[1], 3005)
            meaning[name] = bits[-1] if bits[0] or len(bits) == 1 else None
            continue
        if field["present"] is not None and not flags >> field["present"] & 1:
            check(not any(any(data[at:at + size]) for _, at, size, _ in pieces), 3004)
            meaning[name] = None
            continue
        values = {}
        for piece, at, size, kind in pieces:
            values[piece] = read_number(kind, data[at:at + size])
            listed = re.match(r"u8 \[(\w+)\]", kind)
            check(not listed or data[at] in document.codes[listed[1]], 3006)
        if "" not in values:
            check_kinds("", values)
        meaning[name] = values.get("", values)
    at = frame.size
    for name, count_at, limit, element in frame.lists:
        count = struct.unpack_from("<H", data, count_at)[0]
        check(count <= limit, 3007)
        pieces = document.elements.get(element)
        size = sum(piece[1] for piece in pieces) if pieces else 1
        check(at + count * size <= len(data), 3003)
        own = data[at:at + count * size]
        at += len(own)
        if pieces:
            cut = range(0, len(own), size)
            meaning[name] = [read_element(document, element, own[place:place + size]) for place in cut]
        elif element == "byte":
            meaning[name] = own.hex()
        else:
            try:
                meaning[name] = own.decode("utf-8")
            except UnicodeDecodeError:
                raise Malformed(3008) from None
    check(at == len(data), 3003)
    return frame.name, meaning


def encode(document, direction, name, meaning):
    """The bytes of a frame from what it means."""
    codes = document.frames[direction]
    code = next(code for code, frame in codes.items() if frame.name == name)
    frame, flags = codes[code], 0
    data = bytearray(frame.size)
    for field in frame.fields:
        value = meaning[field["name"]]
        if "flags" in field:
            bits = field["flags"]
            flags |= (1 << bits[0] if len(bits) == 2 and value is not None else 0) | (1 << bits[-1] if value else 0)
            continue
        if value is None:
            continue
        flags |= 1 << field["present"] if field["present"] is not None else 0
        for piece, at, size, kind in field["pieces"]:
            data[at:at + size] = write_number(kind, size, value[piece] if piece else value)
    for name, count_at, _, element in frame.lists:
        value, pieces = meaning[name], document.elements.get(element)
        if pieces:
            own = b"".join(
                write_number(kind, size, entry[piece]) if piece != "reserved" else bytes(size)
                for entry in value
                for piece, size, kind in pieces
            )
            count = len(value)
        else:
            own = bytes.fromhex(value) if element == "byte" else value.encode("utf-8")
            count = len(own)
        struct.pack_into("<H", data, count_at, count)
        data += own
    struct.pack_into("<IBBHQ", data, 0, len(data) - 4, code, flags, 0, int(meaning["number"]))
    return bytes(data)


def main():
    document = Document((ROOT / "docs/protocol.md").read_text())
    vectors = json.loads((ROOT / "docs/protocol-vectors.json").read_text())
    shown, refused = set(), 0
    for vector in vectors:
        data, direction = bytes.fromhex(vector["hex"]), vector["direction"]
        if "fault" in vector:
            try:
                said = decode(document, direction, data)
            except Malformed as malformed:
                said = malformed.args[0]
            assert said == vector["fault"]["code"], f"{vector['name']}: {said}, not {vector['fault']}"
            refused += 1
            continue
        said = decode(document, direction, data)
        assert said == (vector["frame"], vector["meaning"]), f"{vector['name']}:\n{said}\n{vector['meaning']}"
        again = encode(document, direction, *said)
        assert again == data, f"{vector['name']}:\n{again.hex()}\n{vector['hex']}"
        shown.add((direction, data[4]))
    known = {(direction, code) for direction, frames in document.frames.items() for code in frames}
    assert shown == known, f"without a vector: {known - shown}"
    print(f"{len(vectors) - refused} frames of {len(shown)} types read and written from the document, {refused} refused")


if __name__ == "__main__":
    sys.exit(main())
