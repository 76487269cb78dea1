#pragma once

#include <stddef.h>
#include <stdint.h>

// As much of Arduino as the package's examples use, on this machine; sketch_test.cpp does it.

constexpr uint8_t LOW = 0;
constexpr uint8_t HIGH = 1;
constexpr uint8_t OUTPUT = 1;
constexpr uint8_t INPUT_PULLUP = 2;
constexpr uint8_t LED_BUILTIN = 13;
constexpr uint8_t A0 = 14;

unsigned long micros();
void pinMode(uint8_t pin, uint8_t mode);
void digitalWrite(uint8_t pin, uint8_t value);
int digitalRead(uint8_t pin);
int analogRead(uint8_t pin);

/// A line, as Arduino's cores have it.
class Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  virtual ~Stream() = default;
  virtual int available() = 0;
  virtual int read() = 0;
  virtual size_t write(const uint8_t* bytes, size_t count) = 0;
};

/// The line that this machine gave it.
class SerialLine : public Stream {
 public:
  void begin(unsigned long baud) { baud_ = baud; }
  void use(int fd) { fd_ = fd; }
  unsigned long baud() const { return baud_; }

  int available() override;
  int read() override;
  size_t write(const uint8_t* bytes, size_t count) override;

 private:
  int fd_ = -1;
  unsigned long baud_ = 0;
};

extern SerialLine Serial;
