/* SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Entry of the CPUs, vectors of EL2, into a guest and out of it.  Before any C runs the MMU
 * and the caches are on: one to one, in blocks of 1 GiB, devices below, memory above,
 * and far above the space in which PCIe is configured.
 */
#define CONTEXT_PC	248
#define CONTEXT_SP	264
#define CONTEXT_ESR	272
#define STACK_SHIFT	14

	.section .text.boot, "ax"
	.global _start, start_other_cpu
_start:
	msr	daifset, #0xf
	mov	x19, #0
	ldr	x0, =bss_start
	ldr	x1, =bss_end
1:	stp	xzr, xzr, [x0], #16
	cmp	x0, x1
	b.lo	1b
	b	2f
start_other_cpu:			/* x0: its number */
	msr	daifset, #0xf
	mov	x19, x0
2:	ldr	x0, =0xff00		/* 0: device, 1: Normal, write-back */
	msr	mair_el2, x0
	ldr	x0, =0x80823519		/* 39 bits, inner shareable, write-back */
	msr	tcr_el2, x0
	ldr	x0, =boot_table
	msr	ttbr0_el2, x0
	dsb	sy
	tlbi	alle2
	dsb	sy
	isb
	ldr	x0, =0x30c51835		/* M, C, I, SA */
	msr	sctlr_el2, x0
	isb
	ldr	x0, =vectors
	msr	vbar_el2, x0
	ldr	x0, =stacks
	add	x1, x19, #1
	add	x0, x0, x1, lsl #STACK_SHIFT
	mov	sp, x0
	mov	x0, x19
	bl	run_cpu
3:	wfi
	b	3b

	.balign 4096
boot_table:
	.quad	0x0040000000000401
	.quad	0x0000000040000705
	.fill	254, 8, 0
	.quad	0x0040004000000401	/* PCIe: the configuration of its devices */
	.fill	255, 8, 0

	/* op the registers that follow, two at a time, at base + at and on */
	.macro	pairs op base at a b rest:vararg
	\op	\a, \b, [\base, #\at]
	.ifnb	\rest
	pairs	\op, \base, (\at + 16), \rest
	.endif
	.endm

	/* All have register n of a guest, or of C, at 8 n. */
	.macro	x2_to_x17 op base
	pairs	\op, \base, 16, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11, x12, x13, x14, x15, x16, x17
	.endm
	.macro	x18_to_x29 op base
	pairs	\op, \base, 144, x18, x19, x20, x21, x22, x23, x24, x25, x26, x27, x28, x29
	.endm
	/* What C keeps over a call */
	.macro	kept_by_c op
	pairs	\op, sp, 0, x19, x20, x21, x22, x23, x24, x25, x26, x27, x28, x29, x30
	.endm

	.macro	vector target
	.balign	0x80
	b	\target
	.endm

	.macro	fatal kind
	.balign	0x80
	sub	sp, sp, #272
	stp	x0, x1, [sp]
	mov	x1, #\kind
	b	die
	.endm

	.text
	.balign	2048
	.global vectors
vectors:
	fatal	0
	fatal	1
	fatal	2
	fatal	3
	fatal	4
	fatal	5
	vector	tick_at_el2
	fatal	7
	vector	guest_trap
	fatal	9
	vector	guest_tick
	fatal	11
	fatal	12
	fatal	13
	fatal	14
	fatal	15

die:	x2_to_x17 stp, sp
	x18_to_x29 stp, sp
	str	x30, [sp, #240]
	mov	x0, sp
	b	exception

tick_at_el2:
	sub	sp, sp, #192
	stp	x0, x1, [sp]
	x2_to_x17 stp, sp
	stp	x18, x30, [sp, #144]
	mrs	x0, elr_el2
	mrs	x1, spsr_el2
	stp	x0, x1, [sp, #160]
	bl	tick
	ldp	x0, x1, [sp, #160]
	msr	elr_el2, x0
	msr	spsr_el2, x1
	ldp	x18, x30, [sp, #144]
	x2_to_x17 ldp, sp
	ldp	x0, x1, [sp]
	add	sp, sp, #192
	eret

/* enter_guest(context): returns when the guest leaves, with the reason.  What C keeps over
 * a call stands on the stack in between. */
	.global enter_guest
enter_guest:
	msr	daifset, #0xf
	sub	sp, sp, #96
	kept_by_c stp
	mrs	x1, tpidr_el2
	str	x0, [x1]
	ldp	x1, x2, [x0, #CONTEXT_PC]
	ldr	x3, [x0, #CONTEXT_SP]
	msr	elr_el2, x1
	msr	spsr_el2, x2
	msr	sp_el1, x3
	x2_to_x17 ldp, x0
	x18_to_x29 ldp, x0
	ldr	x30, [x0, #240]
	ldp	x0, x1, [x0]
	eret

guest_trap:
	stp	x0, x1, [sp, #-16]!
	mov	x1, #0
	b	leave_guest
guest_tick:
	stp	x0, x1, [sp, #-16]!
	mov	x1, #1
leave_guest:
	mrs	x0, tpidr_el2
	ldr	x0, [x0]
	x2_to_x17 stp, x0
	x18_to_x29 stp, x0
	str	x30, [x0, #240]
	ldp	x2, x3, [sp], #16
	stp	x2, x3, [x0]
	mrs	x2, elr_el2
	mrs	x3, spsr_el2
	stp	x2, x3, [x0, #CONTEXT_PC]
	mrs	x2, sp_el1
	str	x2, [x0, #CONTEXT_SP]
	mrs	x2, esr_el2
	mrs	x3, hpfar_el2
	stp	x2, x3, [x0, #CONTEXT_ESR]
	mov	x0, x1
	kept_by_c ldp
	add	sp, sp, #96
	ret

	.bss
	.balign	16
stacks:	.skip	64 << STACK_SHIFT
