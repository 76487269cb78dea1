"""Makes an RP2040's image startable: the sum of its second stage, and a UF2 file of it.

`checksum FILE`: FILE is the second stage, 256 bytes; writes the sum that the boot ROM wants into its last four (RP2040 datasheet
2.8.1.3.1). `uf2 IMAGE OUT`: IMAGE as it lies in flash, from its start on (UF2: github.com/microsoft/uf2).
"""
import pathlib
import struct
import sys

SECOND_STAGE_BYTES = 256
FLASH = 0x10000000
RP2040_FAMILY = 0xE48BFF56
BLOCK_BYTES = 256


def crc32_mpeg2(data):
    """CRC-32 with the polynomial 0x04C11DB7, highest bit first, from all ones, not inverted."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1) ^ (0x04C11DB7 if crc & 0x80000000 else 0)
            crc &= 0xFFFFFFFF
    return crc


def with_checksum(second_stage):
    if len(second_stage) != SECOND_STAGE_BYTES:
        sys.exit(f"rp2040_image: the second stage has {len(second_stage)} bytes, not {SECOND_STAGE_BYTES}")
    code = second_stage[:-4]
    return code + struct.pack("<I", crc32_mpeg2(code))


def uf2(image):
    count = -(-len(image) // BLOCK_BYTES)
    blocks = []
    for number in range(count):
        data = image[number * BLOCK_BYTES:(number + 1) * BLOCK_BYTES].ljust(BLOCK_BYTES, b"\xff")
        has_family = 0x2000
        header = struct.pack("<8I", 0x0A324655, 0x9E5D5157, has_family, FLASH + number * BLOCK_BYTES, BLOCK_BYTES, number,
                             count, RP2040_FAMILY)
        blocks.append(header + data.ljust(476, b"\0") + struct.pack("<I", 0x0AB16F30))
    return b"".join(blocks)


def main(arguments):
    if crc32_mpeg2(b"123456789") != 0x0376E6E7:
        sys.exit("rp2040_image: the sum is wrong")
    if arguments[:1] == ["checksum"] and len(arguments) == 2:
        path = pathlib.Path(arguments[1])
        path.write_bytes(with_checksum(path.read_bytes()))
    elif arguments[:1] == ["uf2"] and len(arguments) == 3:
        pathlib.Path(arguments[2]).write_bytes(uf2(pathlib.Path(arguments[1]).read_bytes()))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
