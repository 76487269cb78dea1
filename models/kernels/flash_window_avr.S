; Little-endian values wherever they lie: RAM, or flash in its window.
#include "models/kernels/flash_window_avr.inc"
#if defined(HALTERE_FLASH_WINDOW)

 .macro BEGIN name
 .section .text.\name, "ax", @progbits
 .global \name
 .type \name, @function
\name:
 movw r30, r24
 sbrs r31, 7
 rjmp 1f
 TO_FLASH r24
 .endm

; uint8_t haltere_load_u8(const uint8_t*)
 BEGIN haltere_load_u8
 LOAD_FLASH r24, Z
 ret
1:
 ld r24, Z
 ret
 .size haltere_load_u8, . - haltere_load_u8

; uint16_t haltere_load_u16(const uint8_t*)
 BEGIN haltere_load_u16
 LOAD_FLASH r24, Z+
 LOAD_FLASH r25, Z
 ret
1:
 ld r24, Z
 ldd r25, Z + 1
 ret
 .size haltere_load_u16, . - haltere_load_u16

; uint32_t haltere_load_u32(const uint8_t*)
 BEGIN haltere_load_u32
 LOAD_FLASH r22, Z+
 LOAD_FLASH r23, Z+
 LOAD_FLASH r24, Z+
 LOAD_FLASH r25, Z
 ret
1:
 ld r22, Z
 ldd r23, Z + 1
 ldd r24, Z + 2
 ldd r25, Z + 3
 ret
 .size haltere_load_u32, . - haltere_load_u32
#endif
