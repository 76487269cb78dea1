#pragma once

#include <stdint.h>

// Volatile pointers: nothing behind them can be computed at build time.
extern const uint8_t* volatile bytes;
extern uint8_t* volatile memory;
extern float* volatile values;

void compute_features();

extern "C" void entry();
