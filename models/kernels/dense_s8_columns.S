@ The kernel of WeightPacking::columns: four rows' weights in one load, for Cortex-M0 and M0+.
@ Layout and arithmetic: models/format.md. 3.25 instructions per multiply-accumulate.
#if defined(__thumb__) && !defined(__thumb2__)
 .syntax unified
 .thumb

@ One column of four rows: \w = a byte (weight + 128) of each row. The word is multiplied as it is and
@ shifted right by one, two, three rows; what the higher rows add is subtracted at the end.
 .macro COLUMN w, i
 ldrb r2, [r0, #\i]
 lsrs r3, \w, #8
 muls r3, r2, r3
 add r9, r3
 lsrs r3, \w, #16
 muls r3, r2, r3
 add r10, r3
 lsrs r3, \w, #24
 muls r3, r2, r3
 add r11, r3
 muls \w, r2, \w
 add r8, \w
 .endm

@ const uint8_t* haltere_dense_s8_groups(x, groups, y, inputs | outputs << 16, workspace)
@ Returns the end of the groups.
 .section .text.haltere_dense_s8_groups, "ax", %progbits
 .global haltere_dense_s8_groups
 .type haltere_dense_s8_groups, %function
 .balign 4
 .thumb_func
haltere_dense_s8_groups:
 push {r4-r7, lr}
 mov r4, r8
 mov r5, r9
 mov r6, r10
 mov r7, r11
 push {r4-r7}
 ldr r4, [sp, #36]
 lsrs r5, r3, #16
 uxth r3, r3
 push {r2, r4, r5, r6}        @ sp: y, workspace, rows left, 128 * sum of x + 128
 movs r5, #0
 movs r6, #128
 subs r0, r0, #1
 subs r4, r4, #1
 movs r7, r3
1:
 ldrb r2, [r0, r3]
 eors r2, r6
 strb r2, [r4, r3]            @ x + 128
 adds r5, r5, r2
 subs r3, r3, #1
 bne 1b
 movs r2, #3
 b 3f
2:                            @ columns that are not there are 0
 adds r7, r7, #1
 strb r6, [r4, r7]
 adds r5, r5, r6
3:
 tst r7, r2
 bne 2b
 lsls r5, r5, #7
 str r5, [sp, #12]
 adds r4, r4, r7
 adds r4, r4, #1
 mov r12, r4
.Lcolumns_group:
 ldm r1!, {r4-r7}
 mov r8, r4
 mov r9, r5
 mov r10, r6
 mov r11, r7
 ldr r0, [sp, #4]
.Lcolumns_four:
 ldm r1!, {r4-r7}
 COLUMN r4, 0
 COLUMN r5, 1
 COLUMN r6, 2
 COLUMN r7, 3
 adds r0, r0, #4
 cmp r0, r12
 bne .Lcolumns_four
 mov r4, r8
 mov r5, r9
 mov r6, r10
 mov r7, r11
 ldr r3, [sp, #12]
 lsls r2, r5, #8
 subs r4, r4, r2
 lsls r2, r6, #8
 subs r5, r5, r2
 lsls r2, r7, #8
 subs r6, r6, r2
 subs r4, r4, r3
 subs r5, r5, r3
 subs r6, r6, r3
 subs r7, r7, r3
 ldr r0, [sp, #0]
 ldr r2, [sp, #8]
 subs r3, r2, #4
 str r3, [sp, #8]
 mov r9, sp
 push {r4-r7}
 movs r7, #4
 cmp r2, r7
 bhs .Lcolumns_row
 movs r7, r2
.Lcolumns_row:                @ the next sum becomes an output; r7 of them
 pop {r4}
 ldrh r2, [r1, #0]            @ multiplier, 16 and 15 bits
 ldrh r3, [r1, #2]
 lsls r4, r4, #8
 uxth r5, r4
 asrs r4, r4, #16
 movs r6, r5                  @ upper half of the 64-bit product, from four of 32 bits
 muls r6, r2, r6
 lsrs r6, r6, #16
 muls r2, r4, r2
 adds r6, r6, r2
 muls r4, r3, r4
 muls r5, r3, r5
 uxth r2, r6
 adds r5, r5, r2
 lsrs r5, r5, #16
 asrs r6, r6, #16
 adds r4, r4, r6
 adds r4, r4, r5
 adds r4, r4, #64
 asrs r4, r4, #7
 asrs r2, r4, #31
 adds r4, r4, r2
 ldr r2, [r1, #4]             @ offset; it adds 128 to the output
 adds r4, r4, r2
 ldr r2, [r1, #8]             @ shift
 asrs r4, r4, r2
 adds r1, r1, #12
 lsrs r2, r4, #8
 beq 4f
 asrs r4, r4, #31             @ below 0: 0; above 255: 255
 mvns r4, r4
4:
 subs r4, r4, #128
 strb r4, [r0]
 adds r0, r0, #1
 subs r7, r7, #1
 bne .Lcolumns_row
 mov sp, r9
 str r0, [sp, #0]
 ldr r2, [sp, #8]
 cmp r2, #0
 ble .Lcolumns_done
 b .Lcolumns_group
.Lcolumns_done:                @ r2: minus the rows of the last group that are not there
 movs r0, #12
 muls r2, r0, r2
 subs r0, r1, r2
 add sp, sp, #16
 pop {r4-r7}
 mov r8, r4
 mov r9, r5
 mov r10, r6
 mov r11, r7
 pop {r4-r7, pc}
 .size haltere_dense_s8_groups, . - haltere_dense_s8_groups
#endif
