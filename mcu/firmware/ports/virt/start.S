# Reset of QEMU's riscv32 virt: one hart, machine mode.
 .section .text.reset, "ax", %progbits
 .global reset_handler
reset_handler:
 .option push
 .option norelax
 la gp, __global_pointer$
 .option pop
 la sp, stack_top
 la t0, trap_handler
 csrw mtvec, t0
 la t0, bss_start
 la t1, bss_end
1:
 bgeu t0, t1, 2f
 sw zero, 0(t0)
 addi t0, t0, 4
 j 1b
2:
 call main

# For programs without a handler of their own: start again.
 .weak trap_handler
 .balign 4
trap_handler:
 li t0, 0x100000              # sifive_test: reset
 li t1, 0x7777
 sw t1, 0(t0)
3:
 j 3b
