#include "mcu/firmware/cross/size/features.hpp"

void entry() { compute_features(); }
