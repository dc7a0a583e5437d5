/* denormals.c - numbers too small to be normal count as zero, on every thread alike */
#include "core/denormals.h"

#if defined(__SSE2__)
void mica_denormals_flush(void)
{
    const unsigned flush_to_zero = 0x8000, denormals_are_zero = 0x0040;
    unsigned now = __builtin_ia32_stmxcsr();
    unsigned wanted = now | flush_to_zero | denormals_are_zero;
    if (now != wanted)
        __builtin_ia32_ldmxcsr(wanted);
}
#elif defined(__aarch64__)
void mica_denormals_flush(void)
{
    unsigned long state;
    __asm__ volatile("mrs %0, fpcr" : "=r"(state));
    __asm__ volatile("msr fpcr, %0" : : "r"(state | 1ul << 24)); /* FZ */
}
#else
void mica_denormals_flush(void) {}
#endif
