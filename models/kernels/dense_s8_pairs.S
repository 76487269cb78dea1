@ The kernel of WeightPacking::pairs: two rows per multiplication, for Cortex-M3 (ARMv7-M without
@ SMLAD). Layout and arithmetic: models/format.md. 1.75 instructions per multiply-accumulate.
#if defined(__thumb2__) && !defined(__ARM_FEATURE_DSP)
 .syntax unified
 .thumb

@ Two columns of four rows: r3, r4 = inputs, r5 = 0x8000 - 0x00800080 * (r3 + r4), r6, r7 = a byte
@ (weight + 128) of each row. Rows 0 and 2 share a product, and rows 1 and 3: the constant takes the
@ 128s back and keeps the low half from borrowing.
 .macro STEP
 ldm r0!, {r3-r5}
 ldm r1!, {r6, r7}
 and r8, lr, r6
 mla r8, r8, r3, r5
 and r6, lr, r6, lsr #8
 mla r6, r6, r3, r5
 and r3, lr, r7
 mla r8, r3, r4, r8
 and r7, lr, r7, lsr #8
 mla r6, r7, r4, r6
 add r9, r9, r8
 add r10, r10, r8, asr #16
 add r11, r11, r6
 add r12, r12, r6, asr #16
 .endm

@ The sum in \acc becomes the output: both roundings, zero point, int8 range.
 .macro ROW acc
 ldm r1!, {r3-r5}             @ multiplier, offset, shift
 lsl \acc, \acc, #8
 smull r6, \acc, \acc, r3
 add \acc, \acc, #64
 asr \acc, \acc, #7
 add \acc, \acc, \acc, asr #31
 add \acc, \acc, r4
 asr \acc, \acc, r5
 ssat \acc, #8, \acc
 .endm

@ const uint8_t* haltere_dense_s8_groups(x, groups, y, inputs | outputs << 16, workspace)
@ Returns the end of the groups.
 .section .text.haltere_dense_s8_groups, "ax", %progbits
 .global haltere_dense_s8_groups
 .type haltere_dense_s8_groups, %function
 .balign 4
 .thumb_func
haltere_dense_s8_groups:
 push {r4-r11, lr}
 ldr r12, [sp, #36]
 lsr r4, r3, #16
 uxth r3, r3
 adr r5, .Lpairs_four         @ where to enter the unrolled loop: at its half when the number
 adr r6, .Lpairs_eight        @ of whole fours of columns is odd
 subs r7, r3, #1
 tst r7, #4
 it ne
 movne r5, r6
 adds r5, r5, #1
 push {r2, r4, r5, r12}       @ sp: y, rows left, entry, workspace
 mov r2, r12
 mov r5, #0x00800080
 mov r9, #0x8000
 mov r10, r3
 subs r3, r3, #2
 blo 2f
1:
 ldrsb r6, [r0], #1
 ldrsb r7, [r0], #1
 add r8, r6, r7
 mls r8, r8, r5, r9
 stm r2!, {r6-r8}
 subs r3, r3, #2
 bhs 1b
2:                            @ columns that are not there are 0
 mov r7, #0
 tst r10, #1
 beq 3f
 ldrsb r6, [r0]
 mls r8, r6, r5, r9
 stm r2!, {r6-r8}
3:
 subs r10, r10, #1
 tst r10, #2
 bne 4f
 mov r6, #0
 mov r8, r9
 stm r2!, {r6-r8}
4:
 mov lr, #0x00ff00ff
.Lpairs_group:
 ldm r1!, {r9-r12}
 ldr r0, [sp, #12]
 ldr pc, [sp, #8]
 .balign 4
.Lpairs_eight:
 STEP
 STEP
 .balign 4
.Lpairs_four:
 STEP
 STEP
 cmp r0, r2
 bne .Lpairs_eight
 sub r9, r9, r10, lsl #16
 sub r11, r11, r12, lsl #16
 ROW r9
 ROW r11
 ROW r10
 ROW r12
 ldrd r0, r3, [sp]
 subs r3, r3, #4
 blo .Lpairs_last
 bfi r9, r11, #8, #8
 bfi r9, r10, #16, #8
 bfi r9, r12, #24, #8
 str r9, [r0], #4
 strd r0, r3, [sp]
 bne .Lpairs_group
.Lpairs_done:
 mov r0, r1
 add sp, sp, #16
 pop {r4-r11, pc}
.Lpairs_last:                 @ one to three rows
 strb r9, [r0]
 adds r3, r3, #2
 bmi .Lpairs_done
 strb r11, [r0, #1]
 beq .Lpairs_done
 strb r10, [r0, #2]
 b .Lpairs_done
 .size haltere_dense_s8_groups, . - haltere_dense_s8_groups
#endif
