"""Streams that swr compresses, read as docs/slotted-deflate.md says and by nothing else: every byte of a
file is accounted for. zlib inflates the runs, each by itself."""

import os
import struct
import subprocess
import unittest
import zlib

FIVE = bytes.fromhex("000000ffff")
FILLERS = [b"", bytes.fromhex("02000000ffff"), bytes.fromhex("0208000000ffff"), bytes.fromhex("02000000ffff0208000000ffff"), bytes.fromhex("02082000000000ffff")]
HEAD = {"zlib": bytes.fromhex("789c"), "gzip": bytes.fromhex("1f8b08000000000000ff")}
TRAILER_BYTES = {"zlib": 4, "gzip": 8}
CHECKSUM = {"zlib": zlib.adler32, "gzip": zlib.crc32}
NODE_ENTRIES = 256


def hidden(stored):
    """The bytes in the unused bits of empty stored blocks."""
    bits = []
    for at in range(0, len(stored), 5):
        assert stored[at] & 7 == 0 and stored[at + 1 : at + 5] == bytes.fromhex("0000ffff"), "no empty block"
        bits += [stored[at] >> 3 >> bit & 1 for bit in range(5)]
    whole = len(bits) // 8 * 8
    assert not any(bits[whole:]), "spare bits"
    return bytes(sum(bits[at + bit] << bit for bit in range(8)) for at in range(0, whole, 8))


def node_bytes(entries):
    return 80 * entries + 35


def entries_of(stored, *numbers):
    """The entries of a page or of a node, 10 bytes each, whose checksum is right."""
    entries, crc = hidden(stored[:-35]), hidden(stored[-35:])
    assert struct.pack("<I", zlib.crc32(entries + struct.pack(f"<{len(numbers)}I", *numbers))) == crc
    return [entries[at : at + 10] for at in range(0, len(entries), 10)]


def filler(length):
    assert length not in (1, 2, 3, 4, 8)
    begin = FILLERS[length % 5]
    return begin + FIVE * ((length - len(begin)) // 5)


def blocks_of(raw):
    """Stored blocks of 65535 bytes."""
    parts = [raw[at : at + 65535] for at in range(0, len(raw), 65535)]
    return b"".join(struct.pack("<BHH", 0, len(part), 0xFFFF - len(part)) + part for part in parts)


class Stream:
    """Reads a whole stream, and checks each byte on the way."""

    def __init__(self, stream, kind):
        self.stream, self.checksum = stream, CHECKSUM[kind]
        assert stream.startswith(HEAD[kind])
        end = len(stream) - TRAILER_BYTES[kind] - 2
        assert stream[end : end + 2] == b"\x03\x00"
        self.read_footer(hidden(stream[end - 320 : end]))
        self.last_slot = end - 320 - self.last_slot_bytes
        raw_prefix = self.read_prefix(len(HEAD[kind]))
        self.raw, self.pages, self.nodes = [], 0, []
        self.read_nodes(len(HEAD[kind]) + len(blocks_of(raw_prefix)))
        raw = b"".join(self.raw)
        assert len(raw) == self.raw_bytes
        self.content = raw_prefix + raw
        assert self.checksum(raw_prefix) == self.prefix_checksum
        assert self.checksum(self.content) == self.whole_checksum
        expected = struct.pack(">I", self.whole_checksum) if kind == "zlib" else struct.pack("<II", self.whole_checksum, len(self.content))
        assert stream[end + 2 :] == expected

    def read_footer(self, footer):
        assert struct.unpack("<I", footer[36:]) == (zlib.crc32(footer[:36]),)
        names = "magic version level entries slot_bytes prefix_bytes raw_bytes last_slot_bytes prefix_checksum whole_checksum"
        for name, value in zip(names.split(), struct.unpack("<4sBBHIIQIII", footer[:36])):
            setattr(self, name, value)
        assert self.magic == b"SWRS" and 1 <= self.level <= 9 and self.entries == NODE_ENTRIES
        self.slots = -(-self.raw_bytes // self.slot_bytes)
        assert self.version == (2 if self.slots > NODE_ENTRIES else 1)

    def read_prefix(self, begin):
        raw = b""
        while len(raw) < self.prefix_bytes:
            at = begin + 5 * (len(raw) // 65535) + len(raw)
            length = struct.unpack("<H", self.stream[at + 1 : at + 3])[0]
            raw += self.stream[at + 5 : at + 5 + length]
        assert self.stream[begin : begin + len(blocks_of(raw))] == blocks_of(raw)
        return raw

    def read_nodes(self, begin):
        """The pages in the order of the stream; each node follows its last child."""
        pages = -(-self.slots // NODE_ENTRIES)
        levels = []  # of nodes: how many there are
        while (levels or [pages])[-1] > 1:
            levels.append(-(-(levels or [pages])[-1] // NODE_ENTRIES))
        children = [[] for _ in levels]  # (position, checksum) of those that have no parent yet
        done = [0] * len(levels)
        at = begin
        for page in range(pages):
            at, entry = self.read_page(page, at, page == pages - 1)
            for level, count in enumerate(levels):
                children[level].append(entry)
                last = page == pages - 1
                if len(children[level]) < NODE_ENTRIES and not last:
                    break
                at, entry = self.read_node(level + 1, done[level], children[level], at)
                children[level], done[level] = [], done[level] + 1
        assert at == self.last_slot, "the top ends where the last slot begins"
        assert done == levels
        self.nodes = done

    def read_page(self, page, begin, is_last):
        """The position after the page, and (its position, the checksum of its slots)."""
        slots = min(NODE_ENTRIES, self.slots - page * NODE_ENTRIES)
        at = self.page_position(page)
        entries = entries_of(self.stream[at : at + node_bytes(slots)], page)
        raws, slot_at = [], begin
        for number, entry in enumerate(entries):
            slot, run = int.from_bytes(entry[:3], "little"), int.from_bytes(entry[3:6], "little")
            if is_last and number == slots - 1:
                assert slot_at == at and slot == self.last_slot_bytes
                slot_at = self.last_slot
            raws.append(self.read_slot(slot_at, slot, run, struct.unpack("<I", entry[6:])[0]))
            slot_at += slot
        assert is_last or slot_at == at, "the page follows its last slot"
        self.raw += raws
        return at + node_bytes(slots), (at, self.checksum(b"".join(raws)))

    def page_position(self, page):
        return self.last_slot - node_bytes(self.slots) if self.version == 1 else self.positions()[page]

    def positions(self):
        """Of the pages, from the top down."""
        if not hasattr(self, "found"):
            counts = [-(-self.slots // NODE_ENTRIES)]
            while counts[-1] > 1:
                counts.append(-(-counts[-1] // NODE_ENTRIES))
            self.found = [self.last_slot - node_bytes(counts[-2])]
            for level in range(len(counts) - 1, 0, -1):
                below = []
                for number, at in enumerate(self.found):
                    children = min(NODE_ENTRIES, counts[level - 1] - number * NODE_ENTRIES)
                    node = self.stream[at : at + node_bytes(children)]
                    below += [int.from_bytes(entry[:6], "little") for entry in entries_of(node, number, level)]
                self.found = below
        return self.found

    def read_node(self, level, number, children, at):
        """The position after the node, and (its position, the checksum of the slots under it)."""
        stored = self.stream[at : at + node_bytes(len(children))]
        for entry, (position, checksum) in zip(entries_of(stored, number, level), children, strict=True):
            assert int.from_bytes(entry[:6], "little") == position
            assert int.from_bytes(entry[6:], "little") == checksum
        first = NODE_ENTRIES ** level * NODE_ENTRIES * number
        return at + len(stored), (at, self.checksum(b"".join(self.raw[first:])))

    def read_slot(self, at, slot, run, checksum):
        stored = self.stream[at : at + slot]
        assert stored[: slot - run] == filler(slot - run)
        assert stored.endswith(bytes.fromhex("0000ffff"))
        inflater = zlib.decompressobj(-15)
        raw = inflater.decompress(stored[slot - run :] + b"\x03\x00")
        assert inflater.eof and not inflater.unused_data
        assert self.checksum(raw) == checksum
        return raw


def stream_of(path):
    with open(path, "rb") as file:
        data = file.read()
    if not path.endswith(".mha"):
        return Stream(data, "gzip")
    header = data[: data.index(b"ElementDataFile = LOCAL\n") + 24]
    length = int(header.split(b"CompressedDataSize = ")[1].split(b"\n")[0])
    return Stream(data[len(header) : len(header) + length], "zlib")


class Slots(unittest.TestCase):
    def swr(self, line):
        done = subprocess.run([os.environ["SWR"], *line.split()], capture_output=True, text=True)
        self.assertEqual(0, done.returncode, f"swr {line}: {done.stderr}")

    def pixels(self, path):
        self.swr(f"copy {path} plain.mha --compress none -q")
        with open("plain.mha", "rb") as file:
            return file.read().split(b"ElementDataFile = LOCAL\n", 1)[1]

    def check(self, path, version):
        stream = stream_of(path)
        self.assertEqual(version, stream.version)
        pixels = self.pixels(path)
        self.assertEqual(pixels, stream.content[len(stream.content) - len(pixels) :])
        return stream

    def test_streams_of_any_size_are_what_the_page_says(self):
        for suffix in (".nii.gz", ".mha"):
            for size, slot, version in (("5,4,3", 4096, 1), ("64,64,255", 4096, 1), ("64,64,256", 4096, 1), ("64,64,257", 4096, 2), ("100,90,300", 8192, 2), ("200,200,9", 262144, 1)):
                with self.subTest(suffix=suffix, size=size):
                    self.swr(f"make a{suffix} --size {size} --type uint8 --pattern sphere --compress deflate:6 --option deflate.slot={slot} -q")
                    self.check("a" + suffix, version)

    def test_pastes_and_growth_leave_such_streams(self):
        for suffix in (".nii.gz", ".mha"):
            with self.subTest(suffix):
                self.swr(f"make b{suffix} --size 64,64,250 --type uint8 --pattern sphere --compress deflate:6 --option deflate.slot=4096 -q")
                self.swr("make box.mha --size 40,40,30 --type uint8 --pattern noise -q")
                self.swr(f"paste box.mha b{suffix} --at 3,4,100 -q")
                self.check("b" + suffix, 1)
                self.swr(f"extend b{suffix} --size 64,64,300 --fill 9 -q")
                self.check("b" + suffix, 2)

    def test_bytes_after_the_pixels_are_a_second_member(self):
        self.swr("make c.mgh --size 40,30,20 --type uint8 -q")
        with open("c.mgh", "ab") as file:
            file.write(b"\0" * 20 + b"tags of another program")
        self.swr("copy c.mgh c.mgz -q")
        with open("c.mgz", "rb") as file:
            data = file.read()
        length = struct.unpack("<I", data[-4:])[0]
        member = data[-(20 + length + 5 * -(-length // 65535)) :]
        tail = member[15:-10]
        self.assertEqual(b"tags of another program", tail[-23:])
        self.assertEqual(HEAD["gzip"] + blocks_of(tail) + b"\x03\x00" + struct.pack("<II", zlib.crc32(tail), length), member)
        Stream(data[: -len(member)], "gzip")


if __name__ == "__main__":
    unittest.main()
