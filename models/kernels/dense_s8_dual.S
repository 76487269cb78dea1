@ The kernel of WeightPacking::dual: two products per instruction (SMLAD), for Cortex-M4, M7, M33.
@ Layout and arithmetic: models/format.md. 0.875 instructions per multiply-accumulate.
#if defined(__ARM_FEATURE_DSP) && defined(__thumb2__)
 .syntax unified
 .thumb

@ Four columns of four rows: r3 = P, r4 = Q of the columns, r5..r8 = the rows' weights. A weight half
@ holds 256 * odd - even, so its sign-extended low byte is -even: two SMLAD use all four weights.
 .macro STEP
 ldrd r3, r4, [r0], #8
 ldm.w r1!, {r5-r8}
 smlad r9, r5, r3, r9
 smlad r10, r6, r3, r10
 smlad r11, r7, r3, r11
 smlad r12, r8, r3, r12
 sxtb16 r5, r5
 sxtb16 r6, r6
 sxtb16 r7, r7
 sxtb16 r8, r8
 smlad r9, r5, r4, r9
 smlad r10, r6, r4, r10
 smlad r11, r7, r4, r11
 smlad r12, r8, r4, r12
 .endm

@ The sum * 256 in \acc becomes the output: both roundings, zero point, int8 range.
 .macro ROW acc
 ldm r1!, {r3-r5}             @ multiplier, offset, shift
 asr \acc, \acc, #7
 smmulr \acc, \acc, r3
 add \acc, \acc, \acc, asr #31
 add \acc, \acc, r4
 asr \acc, \acc, r5
 ssat \acc, #8, \acc
 .endm

@ r6 = four inputs x0..x3 becomes P = (x1 ^ 0x80, x3 ^ 0x80) and Q at r2. r5 = 0xff7fff7f.
 .macro PREPARE
 uxtb16 r7, r6, ror #8
 eor r7, r7, #0x00800080
 rev16 r6, r6
 eor r6, r6, r5
 strd r7, r6, [r2], #8
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
 push {r2, r4, r12}           @ sp: y, rows left, workspace
 mov r2, r12
 mvn r5, #0x00800080
 subs r3, r3, #4
 blo 2f
1:
 ldr r6, [r0], #4
 PREPARE
 subs r3, r3, #4
 bhs 1b
2:
 adds r3, r3, #4
 beq 4f
 mov r6, #0                   @ columns that are not there are 0
3:
 subs r3, r3, #1
 ldrb r7, [r0, r3]
 orr r6, r7, r6, lsl #8
 bne 3b
 PREPARE
4:
 sub r3, r2, r12              @ lr: where to enter the unrolled loop
 rsb r3, r3, #0
 and r3, r3, #24              @ 8 * the steps to skip
 rsb r3, r3, r3, lsl #3       @ 56 bytes each
 adr lr, .Ldual_steps
 add lr, lr, r3
 add lr, lr, #1
.Ldual_group:
 ldm r1!, {r9-r12}
 ldr r0, [sp, #8]
 bx lr
 .balign 4
.Ldual_steps:
 STEP
 STEP
 STEP
 STEP
 cmp r0, r2
 bne .Ldual_steps
 ROW r9
 ROW r10
 ROW r11
 ROW r12
 ldrd r0, r3, [sp]
 subs r3, r3, #4
 blo .Ldual_last
 bfi r9, r10, #8, #8
 bfi r9, r11, #16, #8
 bfi r9, r12, #24, #8
 str r9, [r0], #4
 strd r0, r3, [sp]
 bne .Ldual_group
.Ldual_done:
 mov r0, r1
 add sp, sp, #12
 pop {r4-r11, pc}
.Ldual_last:                  @ one to three rows
 strb r9, [r0]
 adds r3, r3, #2
 bmi .Ldual_done
 strb r10, [r0, #1]
 beq .Ldual_done
 strb r11, [r0, #2]
 b .Ldual_done
 .size haltere_dense_s8_groups, . - haltere_dense_s8_groups
#endif
