// What the inference core is measured against: an image that only touches the same pointers.
#include <stdint.h>

extern "C" void entry();

extern const uint8_t* volatile bytes;
extern int8_t* volatile memory;
extern float* volatile values;

const uint8_t* volatile bytes;
int8_t* volatile memory;
float* volatile values;

void entry() {
  int8_t* scratch = memory;
  scratch[0] = static_cast<int8_t>(bytes[5] + bytes[6]);
  if (values != nullptr) memory[0] = 1;
}
