#!/usr/bin/env python3
"""Writes the layers of a dense int8 .tflite model, and what TFLite Micro answers, as numbers in text.

    extract.py MODEL.tflite INPUTS.bin OUTPUTS.bin VECTORS > NAME.txt

The model is read straight from its flatbuffer. One line per layer:
    dense INPUTS OUTPUTS CLAMP_MIN CLAMP_MAX ZERO_POINT multipliers.. shifts.. layer_bias.. weights..
    softmax MULTIPLIER SHIFT
then one line for each of the last VECTORS vectors: `vector inputs.. outputs..`.
"""
import math
import struct
import sys

FULLY_CONNECTED, SOFTMAX = 9, 25


class Table:
    """A flatbuffer table: fields by number."""

    def __init__(self, data, at):
        self.data, self.at = data, at

    def int(self, at, code="I"):
        return struct.unpack_from("<" + code, self.data, at)[0]

    def place(self, number):
        table = self.at - self.int(self.at, "i")
        if 4 + 2 * number >= self.int(table, "H"):
            return 0
        offset = self.int(table + 4 + 2 * number, "H")
        return self.at + offset if offset else 0

    def scalar(self, number, code):
        at = self.place(number)
        return self.int(at, code) if at else 0

    def table(self, number):
        at = self.place(number)
        return Table(self.data, at + self.int(at)) if at else None

    def vector(self, number, code):
        at = self.place(number)
        if not at:
            return []
        at += self.int(at)
        return list(struct.unpack_from(f"<{self.int(at)}{code}", self.data, at + 4))

    def tables(self, number):
        at = self.place(number)
        at += self.int(at)
        places = [at + 4 + 4 * i for i in range(self.int(at))]
        return [Table(self.data, place + self.int(place)) for place in places]


def float32(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


def fixed_multiplier(real):
    mantissa, shift = math.frexp(real)
    fixed = math.floor(mantissa * 2**31 + 0.5)
    return (fixed // 2, shift + 1) if fixed == 2**31 else (fixed, shift)


class Tensor:
    def __init__(self, table, buffers):
        quantization = table.table(2 + 2)
        self.shape = table.vector(0, "i")
        self.scales = quantization.vector(2, "f") if quantization else []
        self.zero_point = (quantization.vector(3, "q") or [0])[0] if quantization else 0
        self.buffer = buffers[table.scalar(2, "I")]


def clamps(activation, output):
    def steps(value):
        return output.zero_point + math.floor(value / output.scales[0] + 0.5)

    low, high = {0: (None, None), 1: (0.0, None), 2: (-1.0, 1.0), 3: (0.0, 6.0)}[activation]
    return (-128 if low is None else max(-128, steps(low)), 127 if high is None else min(127, steps(high)))


def dense(op, tensors):
    inputs, outputs = op.vector(1, "i"), op.vector(2, "i")
    x, w, y = tensors[inputs[0]], tensors[inputs[1]], tensors[outputs[0]]
    rows, columns = w.shape
    weights = w.buffer.vector(0, "b")
    bias = [0] * rows
    if len(inputs) > 2 and inputs[2] >= 0:
        data = bytes(tensors[inputs[2]].buffer.vector(0, "B"))
        bias = list(struct.unpack(f"<{rows}i", data))
    factors = []
    for row in range(rows):
        if len(w.scales) == 1:
            product = float32(x.scales[0] * w.scales[0])
        else:
            product = x.scales[0] * w.scales[row]
        factors.append(fixed_multiplier(product / y.scales[0]))
        bias[row] -= x.zero_point * sum(weights[row * columns:(row + 1) * columns])
    options = op.table(4)
    low, high = clamps(options.scalar(0, "b") if options else 0, y)
    return ["dense", columns, rows, low, high, y.zero_point, *(m for m, _ in factors),
            *(s for _, s in factors), *bias, *weights]


def softmax(op, tensors):
    scale = tensors[op.vector(1, "i")[0]].scales[0]
    return ["softmax", *fixed_multiplier(min(scale * 2**26, 2**31 - 1))]


def main():
    model, inputs, outputs, count = sys.argv[1:5]
    data = open(model, "rb").read()
    root = Table(data, struct.unpack_from("<I", data)[0])
    codes = [max(code.scalar(0, "b"), code.scalar(3, "i")) for code in root.tables(1)]
    graph = root.tables(2)[0]
    buffers = root.tables(4)
    tensors = [Tensor(table, buffers) for table in graph.tables(0)]
    for op in graph.tables(3):
        kinds = {FULLY_CONNECTED: dense, SOFTMAX: softmax}
        print(*kinds[codes[op.scalar(0, "I")]](op, tensors))
    width = tensors[graph.vector(1, "i")[0]].shape[-1]
    result = tensors[graph.vector(2, "i")[0]].shape[-1]
    x, y = open(inputs, "rb").read(), open(outputs, "rb").read()
    end = len(x) // width
    for i in range(end - int(count), end):
        print("vector", *struct.unpack_from(f"{width}b", x, i * width),
              *struct.unpack_from(f"{result}b", y, i * result))


if __name__ == "__main__":
    main()
