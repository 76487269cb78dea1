#pragma once

#include <cassert>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace haltere {

/// What kind of failure an Error is; only agent/health decides what to do about each.
enum class ErrorKind {
  invalid,      ///< the input (settings, bytes, arguments) is wrong and stays wrong
  not_found,    ///< a file, device, stream or model that does not exist
  unavailable,  ///< a device that is gone or does not answer; may come back
  busy,         ///< held by somebody else
  timeout,      ///< no answer in time
  io,           ///< the kernel or the bus reported a failed transfer
  corrupt,      ///< bytes arrived or were stored, but a check on them failed
  refused,      ///< the other end understood and said no
};

/// Field-standard word for `kind`, for logs and reports.
constexpr std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid: return "invalid";
    case ErrorKind::not_found: return "not found";
    case ErrorKind::unavailable: return "unavailable";
    case ErrorKind::busy: return "busy";
    case ErrorKind::timeout: return "timeout";
    case ErrorKind::io: return "i/o error";
    case ErrorKind::corrupt: return "corrupt";
    case ErrorKind::refused: return "refused";
  }
  return "unknown";
}

/// An expected failure: what went wrong, where, and what to do, as one sentence for a person.
struct Error {
  ErrorKind kind{};
  std::string message;
};

/// A value or the Error that prevented it. (`std::expected` needs C++23.)
template <typename T>
class [[nodiscard]] Result {
 public:
  // Implicit on purpose: `return value;` and `return Error{...};` both read well.
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  [[nodiscard]] T& value() & {
    assert(ok());
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] const T& value() const& {
    assert(ok());
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] T&& value() && {
    assert(ok());
    return std::move(*std::get_if<0>(&state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  [[nodiscard]] const Error& error() const {
    assert(!ok());
    return *std::get_if<1>(&state_);
  }

 private:
  std::variant<T, Error> state_;
};

/// Success without a value, or the Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  [[nodiscard]] bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  [[nodiscard]] const Error& error() const {
    assert(!ok());
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

}  // namespace haltere
