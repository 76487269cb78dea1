# Reset of the ESP32-C3 after direct boot: flash is mapped, one hart, machine mode, interrupts off.
 .section .text.reset, "ax", %progbits
 .global reset_handler
reset_handler:
 .option push
 .option norelax
 la gp, __global_pointer$
 .option pop
 la sp, stack_top
 la t0, fault_vectors
 ori t0, t0, 1
 csrw mtvec, t0
 la t0, data_load
 la t1, data_start
 la t2, data_end
1:
 bgeu t1, t2, 2f
 lw t3, 0(t0)
 sw t3, 0(t1)
 addi t0, t0, 4
 addi t1, t1, 4
 j 1b
2:
 la t0, bss_start
 la t1, bss_end
3:
 bgeu t0, t1, 4f
 sw zero, 0(t0)
 addi t0, t0, 4
 j 3b
4:
 call main

# The table has a place for each of 32 causes, 256 bytes aligned (TRM 1.5.1); exceptions use the first.
# Nothing sensible is left to do: start again. The runtime falls back when a model was the cause.
 .section .text.vectors, "ax", %progbits
fault_vectors:
 .rept 32
 j fault_handler
 .endr
fault_handler:
 li t0, 0x40000090             # the ROM's software_reset
 jalr t0
1:
 j 1b
