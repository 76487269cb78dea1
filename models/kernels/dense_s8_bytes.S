# The kernel of WeightPacking::bytes: a byte per weight, four rows at once, for RV32IM. Layout and
# arithmetic: models/format.md. 3.25 instructions per multiply-accumulate.
#if defined(__riscv) && __riscv_xlen == 32 && defined(__riscv_mul)

# One column of four rows.
 .macro COLUMN i
 lb t0, \i(a4)
 lb t1, 4*\i(a1)
 lb s1, 4*\i+1(a1)
 lb s2, 4*\i+2(a1)
 lb s3, 4*\i+3(a1)
 mul t1, t1, t0
 mul s1, s1, t0
 mul s2, s2, t0
 mul s3, s3, t0
 add t2, t2, t1
 add t3, t3, s1
 add t4, t4, s2
 add t5, t5, s3
 .endm

# The sum in \acc becomes the output: both roundings, zero point, int8 range.
 .macro ROW acc, i
 lw t0, 12*\i(a1)             # multiplier, offset, shift
 slli \acc, \acc, 8
 lw t1, 12*\i+4(a1)
 mulh \acc, \acc, t0
 lw t0, 12*\i+8(a1)
 addi \acc, \acc, 64
 srai \acc, \acc, 7
 srai s1, \acc, 31
 add \acc, \acc, s1
 add \acc, \acc, t1
 sra \acc, \acc, t0
 bge s0, \acc, 1f
 mv \acc, s0
1:
 bge \acc, s6, 2f
 mv \acc, s6
2:
 .endm

# const uint8_t* haltere_dense_s8_groups(x, groups, y, inputs | outputs << 16, workspace)
# Returns the end of the groups. There is no workspace.
 .section .text.haltere_dense_s8_groups, "ax", %progbits
 .global haltere_dense_s8_groups
 .type haltere_dense_s8_groups, %function
 .balign 4
haltere_dense_s8_groups:
 addi sp, sp, -32
 sw s0, 0(sp)
 sw s1, 4(sp)
 sw s2, 8(sp)
 sw s3, 12(sp)
 sw s4, 16(sp)
 sw s5, 20(sp)
 sw s6, 24(sp)
 slli a6, a3, 16
 srli a6, a6, 16
 srli a3, a3, 16              # rows left
 li s0, 127
 li s6, -128
 andi a7, a6, 3               # columns behind the last whole four
 add s5, a0, a6               # end of x
 sub a5, s5, a7               # end of the whole fours
 andi a6, a6, 4
 li s4, 16
 la t6, .Lbytes_eight         # where to enter the unrolled loop: at its half when the number of
 beqz a6, 1f                  # whole fours of columns is odd
 li s4, 0
 la t6, .Lbytes_four
1:
 bne a5, a0, .Lbytes_group
 la t6, .Lbytes_rest
.Lbytes_group:
 lw t2, 0(a1)
 lw t3, 4(a1)
 lw t4, 8(a1)
 lw t5, 12(a1)
 add a1, a1, s4
 sub a4, a0, a6
 jr t6
.Lbytes_eight:
 COLUMN 0
 COLUMN 1
 COLUMN 2
 COLUMN 3
.Lbytes_four:
 COLUMN 4
 COLUMN 5
 COLUMN 6
 COLUMN 7
 addi a4, a4, 8
 addi a1, a1, 32
 bne a4, a5, .Lbytes_eight
.Lbytes_rest:
 beqz a7, .Lbytes_rows
.Lbytes_one:
 COLUMN 0
 addi a4, a4, 1
 addi a1, a1, 4
 bne a4, s5, .Lbytes_one
 slli t1, a7, 2               # past the columns that are not there
 sub a1, a1, t1
 addi a1, a1, 16
.Lbytes_rows:
 ROW t2, 0
 ROW t3, 1
 ROW t4, 2
 ROW t5, 3
 addi a1, a1, 48
 addi a3, a3, -4
 sb t2, 0(a2)
 bltz a3, .Lbytes_last
 sb t3, 1(a2)
 sb t4, 2(a2)
 sb t5, 3(a2)
 addi a2, a2, 4
 bnez a3, .Lbytes_group
.Lbytes_done:
 mv a0, a1
 lw s0, 0(sp)
 lw s1, 4(sp)
 lw s2, 8(sp)
 lw s3, 12(sp)
 lw s4, 16(sp)
 lw s5, 20(sp)
 lw s6, 24(sp)
 addi sp, sp, 32
 ret
.Lbytes_last:                 # one to three rows: a3 is their number - 4
 addi a3, a3, 3
 beqz a3, .Lbytes_done
 sb t3, 1(a2)
 addi a3, a3, -1
 beqz a3, .Lbytes_done
 sb t4, 2(a2)
 j .Lbytes_done
 .size haltere_dense_s8_groups, . - haltere_dense_s8_groups
#endif
