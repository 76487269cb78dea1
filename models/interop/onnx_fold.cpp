#include "models/interop/onnx_fold.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace haltere::models::interop {
namespace {

bool is_end(OpKind kind) { return kind == OpKind::quantize || kind == OpKind::dequantize; }

bool same_scale(const Tensor& a, const Tensor& b) {
  return a.scale == b.scale && a.zero_point == b.zero_point;
}

/// What `kind` is fused to a dense operator as; none if it is not.
Fused fused_of(OpKind kind) {
  if (kind == OpKind::relu) return Fused::relu;
  if (kind == OpKind::relu6) return Fused::relu6;
  return kind == OpKind::relu_n1_to_1 ? Fused::relu_n1_to_1 : Fused::none;
}

class Fold {
 public:
  explicit Fold(Chain chain) : from_(std::move(chain)) {
    to_.input = from_.input;
    now_ = from_.input;
  }

  Result<Chain> run() {
    if (now_.type == TensorType::float32) {
      if (from_.ops.front().kind != OpKind::quantize)
        return refuse("is not quantized, but others are");
      push(from_.ops[at_++]);
    }
    while (at_ < from_.ops.size())
      if (const Status stepped = step(); !stepped) return stepped.error();
    return std::move(to_);
  }

 private:
  [[nodiscard]] Error refuse(const std::string& what) const {
    const Op& op = from_.ops[std::min(at_, from_.ops.size() - 1)];
    return {ErrorKind::invalid, "its " + to_string(op.kind) + " (number " + std::to_string(at_) +
                                    " of what is computed) " + what};
  }

  void push(Op op) {
    now_ = op.output;
    to_.ops.push_back(std::move(op));
  }

  /// From one dequantize on to the next, or to the end.
  Status step() {
    Op end = from_.ops[at_];
    if (end.kind != OpKind::dequantize) return refuse("follows QuantizeLinear directly");
    if (!same_scale(end.output, now_)) return refuse("has another scale than what it takes");
    ++at_;
    if (at_ == from_.ops.size()) {
      end.output = {TensorType::float32, end.output.size, 0.0F, 0, ""};
      push(std::move(end));
      return {};
    }
    if (from_.ops[at_].kind == OpKind::quantize) {
      if (!same_scale(from_.ops[at_].output, now_)) push(from_.ops[at_]);
      ++at_;
      return {};
    }
    return step_over();
  }

  /// One operator between the two, with the activation that limits a dense one.
  Status step_over() {
    Op op = from_.ops[at_];
    if (is_end(op.kind)) return refuse("follows another");
    ++at_;
    const bool more = at_ < from_.ops.size();
    if (more && op.kind == OpKind::dense && fused_of(from_.ops[at_].kind) != Fused::none)
      op.fused = fused_of(from_.ops[at_++].kind);
    if (at_ == from_.ops.size() || from_.ops[at_].kind != OpKind::quantize)
      return refuse("stands where QuantizeLinear should: every operator must be quantized");
    op.output = from_.ops[at_++].output;
    push(std::move(op));
    return {};
  }

  Chain from_;
  Chain to_;
  Tensor now_;
  std::size_t at_ = 0;
};

}  // namespace

Result<Chain> fold_quantization(Chain chain) {
  const bool quantized =
      chain.input.type == TensorType::int8 ||
      std::ranges::any_of(chain.ops, [](const Op& op) { return is_end(op.kind); });
  if (!quantized) return chain;
  return Fold(std::move(chain)).run();
}

}  // namespace haltere::models::interop
