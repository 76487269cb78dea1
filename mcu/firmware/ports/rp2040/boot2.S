@ The second stage: the boot ROM copies these 256 bytes to RAM, checks their sum and calls them (RP2040 datasheet 2.8.1.3). They
@ let the serial flash be read in place by the command that every chip knows, 03h, at a quarter of the clock; then they
@ start the image behind them, or return to whoever called them by another address than 0. SSI: datasheet 4.10.13.
@ The last four bytes are the sum; rp2040_image.py writes it.
 .syntax unified
 .cpu cortex-m0plus
 .thumb
 .section .boot2, "ax", %progbits
 .global boot2
 .type boot2, %object         @ whoever copies it wants its address, without a function's lowest bit
boot2:
 push {lr}
 ldr r3, =0x18000000          @ XIP_SSI
 movs r0, #0
 str r0, [r3, #0x08]          @ SSIENR: off while it is set up
 movs r1, #4
 str r1, [r3, #0x14]          @ BAUDR
 ldr r1, =0x001F0300          @ CTRLR0: one bit wide, 32-bit data frames, EEPROM read
 str r1, [r3, #0x00]
 str r0, [r3, #0x04]          @ CTRLR1: one data frame
 ldr r1, =0x03000218          @ SPI_CTRLR0: command 03h of 8 bits, 24 bits of address
 movs r2, #0xF4
 str r1, [r3, r2]
 movs r1, #1
 str r1, [r3, #0x08]
 pop {r0}
 cmp r0, #0
 beq 1f
 bx r0
1:
 ldr r0, =0x10000100          @ the image's vectors
 ldr r1, =0xE000ED08          @ VTOR
 str r0, [r1]
 ldmia r0, {r0, r1}
 msr msp, r0
 bx r1
 .ltorg
 .org 252
 .word 0
