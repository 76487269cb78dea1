; The kernel of WeightPacking::columns for AVR. Layout: models/format.md. The four bytes of a word are
; weight + 128 of four rows; each is multiplied by x + 128 and added up in 24 bits, above which nothing
; has an effect on the output. 8.5 cycles per multiply-accumulate from flash, 7.5 from RAM.
#if defined(__AVR__) && defined(__AVR_HAVE_MUL__)
#include "models/kernels/flash_window_avr.inc"

#define zero r15

; The frame, above Y.
#define y_low 1
#define y_high 2
#define workspace_low 3
#define workspace_high 4
#define inputs_low 5
#define inputs_middle 6
#define inputs_high 7
#define steps_low 8
#define steps_high 9
#define rows_low 10
#define rows_high 11
#define frame_bytes 11

 .macro ROW_OF_COLUMN load, low, middle, high
 \load r17, Z+
 mul r17, r16
 add \low, r0
 adc \middle, r1
 adc \high, zero
 .endm

; One column of four rows; \load reads the groups.
 .macro COLUMN load
 ld r16, X+
 ROW_OF_COLUMN \load, r2, r3, r4
 ROW_OF_COLUMN \load, r5, r6, r7
 ROW_OF_COLUMN \load, r8, r9, r10
 ROW_OF_COLUMN \load, r11, r12, r13
 .endm

 .macro COLUMNS load
1:
 COLUMN \load
 COLUMN \load
 COLUMN \load
 COLUMN \load
 sbiw r24, 1
 breq 2f
 rjmp 1b
2:
 .endm

; The lower three bytes of a start.
 .macro START load, low, middle, high
 \load \low, Z+
 \load \middle, Z+
 \load \high, Z+
 adiw r30, 1
 .endm

 .macro STARTS load
 START \load, r2, r3, r4
 START \load, r5, r6, r7
 START \load, r8, r9, r10
 START \load, r11, r12, r13
 .endm

 .macro FOUR load
 \load r20, Z+
 \load r21, Z+
 \load r22, Z+
 \load r23, Z+
 .endm

 .macro SHIFT load
 \load r16, Z                 ; 1 to 22
 .endm

; \macro for where the groups are.
 .macro LOADED macro
#if defined(HALTERE_FLASH_WINDOW)
 brtc 8f
 \macro LOAD_FLASH
 rjmp 9f
8:
#endif
 \macro ld
9:
 .endm

 .macro LESS_INPUTS low, middle, high
 sub \low, r20
 sbc \middle, r21
 sbc \high, r22
 .endm

; d:c:b:a = (c:b:a) + the 24 bits in r18:r17:r16 * \factor.
 .macro MULTIPLY_ADD factor, a, b, c, d
 clr \d
 mul r16, \factor
 add \a, r0
 adc \b, r1
 adc \c, zero
 adc \d, zero
 mul r18, \factor
 add \c, r0
 adc \d, r1
 mul r17, \factor
 add \b, r0
 adc \c, r1
 adc \d, zero
 .endm

; const uint8_t* haltere_dense_s8_groups(x, groups, y, inputs | outputs << 16, workspace)
; Returns the end of the groups. The T flag says that they lie in flash.
 .section .text.haltere_dense_s8_groups, "ax", @progbits
 .global haltere_dense_s8_groups
 .type haltere_dense_s8_groups, @function
haltere_dense_s8_groups:
 .irp r, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 28, 29
 push r\r
 .endr
 clt
 movw r30, r22
#if defined(HALTERE_FLASH_WINDOW)
 sbrs r31, 7
 rjmp 1f
 set
 TO_FLASH r23
1:
#endif
 movw r26, r24                ; x
 movw r28, r14                ; workspace
 movw r4, r20                 ; y
 movw r6, r14
 movw r2, r18                 ; rows left
 movw r24, r16                ; inputs
 clr zero
 clr r20                      ; r22:r21:r20: sum of x + 128
 clr r21
 clr r22
 ldi r18, 128
 rjmp 3f
2:
 ld r0, X+
 add r0, r18
 st Y+, r0
 add r20, r0
 adc r21, zero
 adc r22, zero
3:
 sbiw r24, 1
 brcc 2b
 rjmp 5f
4:                            ; columns that are not there are 0
 st Y+, r18
 add r20, r18
 adc r21, zero
 adc r22, zero
 subi r16, 0xff
 sbci r17, 0xff
5:
 mov r19, r16
 andi r19, 3
 brne 4b
 lsr r17
 ror r16
 lsr r17
 ror r16
 lsr r22                      ; times 128: a byte up, a bit down
 ror r21
 ror r20
 ror r19
 .irp r, 3, 2, 17, 16, 21, 20, 19, 7, 6, 5, 4
 push r\r
 .endr
 in r28, 0x3d
 in r29, 0x3e

.Lavr_group:
 LOADED STARTS
 sub r3, r5                   ; a start holds 256 times the one after it
 sbc r4, r6
 sub r6, r8
 sbc r7, r9
 sub r9, r11
 sbc r10, r12
 ldd r20, Y + inputs_low
 ldd r21, Y + inputs_middle
 ldd r22, Y + inputs_high
 LESS_INPUTS r2, r3, r4
 LESS_INPUTS r5, r6, r7
 LESS_INPUTS r8, r9, r10
 LESS_INPUTS r11, r12, r13
 ldd r26, Y + workspace_low
 ldd r27, Y + workspace_high
 ldd r24, Y + steps_low
 ldd r25, Y + steps_high
#if defined(HALTERE_FLASH_WINDOW)
 brts 6f
 rjmp .Lavr_ram
6:
 COLUMNS LOAD_FLASH
 rjmp .Lavr_rows
.Lavr_ram:
#endif
 COLUMNS ld
.Lavr_rows:
 ldd r26, Y + y_low
 ldd r27, Y + y_high
 movw r16, r2
 mov r18, r4
 rcall .Lavr_row
 breq .Lavr_one
 mov r16, r5
 mov r17, r6
 mov r18, r7
 rcall .Lavr_row
 breq .Lavr_two
 movw r16, r8
 mov r18, r10
 rcall .Lavr_row
 breq .Lavr_three
 mov r16, r11
 mov r17, r12
 mov r18, r13
 rcall .Lavr_row
 breq .Lavr_done
 std Y + y_low, r26
 std Y + y_high, r27
 rjmp .Lavr_group

.Lavr_one:                    ; past the rows that are not there
 adiw r30, 12
.Lavr_two:
 adiw r30, 12
.Lavr_three:
 adiw r30, 12
.Lavr_done:
 .rept frame_bytes
 pop r0
 .endr
#if defined(HALTERE_FLASH_WINDOW)
 brtc 1f
 FROM_FLASH
1:
#endif
 movw r24, r30
 clr r1
 .irp r, 29, 28, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2
 pop r\r
 .endr
 ret

; The sum in r18:r17:r16 becomes an output at X; sets the zero flag behind the last one.
.Lavr_row:
 LOADED FOUR                  ; multiplier
 mul r16, r20                 ; the product's upper four bytes: each step leaves a byte behind
 mov r25, r1
 mul r18, r20
 mov r19, r0
 mov r14, r1
 mul r17, r20
 add r25, r0
 adc r19, r1
 adc r14, zero
 MULTIPLY_ADD r21, r25, r19, r14, r24
 MULTIPLY_ADD r22, r19, r14, r24, r25
 MULTIPLY_ADD r23, r14, r24, r25, r19
 sbrs r18, 7
 rjmp 1f
 sub r14, r20                 ; the sum was taken for 2^24 more
 sbc r24, r21
 sbc r25, r22
 sbc r19, r23
1:
 ldi r16, 64                  ; v = (product + 64) >> 7, in r14:r19:r25:r24
 add r14, r16
 adc r24, zero
 adc r25, zero
 adc r19, zero
 lsl r14
 rol r24
 rol r25
 rol r19
 sbc r14, r14
 sbc r24, zero                ; v - (v < 0): the carry is the sign
 sbc r25, zero
 sbc r19, zero
 sbc r14, zero
 LOADED FOUR                  ; offset
 add r24, r20
 adc r25, r21
 adc r19, r22
 adc r14, r23
 LOADED SHIFT
 adiw r30, 4
 cpi r16, 8
 brsh 5f
4:
 asr r14
 ror r19
 ror r25
 ror r24
 dec r16
 brne 4b
 rjmp .Lavr_clamp
5:                            ; by whole bytes; then 24 bits are left
 mov r24, r25
 mov r25, r19
 mov r19, r14
 lsl r14
 sbc r14, r14
 subi r16, 8
 breq .Lavr_clamp
 cpi r16, 8
 brsh 5b
6:
 asr r19
 ror r25
 ror r24
 dec r16
 brne 6b
.Lavr_clamp:
 mov r17, r25
 or r17, r19
 or r17, r14
 breq 1f
 lsl r14                      ; below 0: 0; above 255: 255
 sbc r24, r24
 com r24
1:
 subi r24, 128
 st X+, r24
 ldd r24, Y + rows_low
 ldd r25, Y + rows_high
 sbiw r24, 1
 std Y + rows_low, r24
 std Y + rows_high, r25
 ret
 .size haltere_dense_s8_groups, . - haltere_dense_s8_groups
#endif
