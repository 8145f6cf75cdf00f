/* What the example of export --c needs on QEMU's mps2 boards: a vector table. The C library's start
 * does the rest, and its output goes through semihosting. */
extern void _start(void);
extern void stack_top(void); /* a place, not a function */

/* fault ends a run that would go on for ever: semihosting's SYS_EXIT, with an error. */
static void fault(void)
{
	register int operation __asm__("r0") = 0x18;
	register int reason __asm__("r1") = 0x20023; /* ADP_Stopped_RunTimeErrorUnknown */
	for (;;)
		__asm__ volatile("bkpt 0xab" : : "r"(operation), "r"(reason));
}

__attribute__((section(".vectors"), used)) static void (*const vectors[])(void) = {
	stack_top, _start, fault, fault, fault, fault, fault,
};
